"""A Prometheus that lives in memory: every query answers as a test says, and with nothing until it does."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Series
from bot.ports import Clock

ALWAYS = datetime.min.replace(tzinfo=UTC)


class ScriptedMetrics:
    """Implements `bot.ports.Metrics`. `answer` gives a query's values from a moment on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.asks: list[tuple[str, datetime | None]] = []
        self.fails: Retry | GaveUp | None = None
        self._answers: dict[str, list[tuple[datetime, tuple[float, ...]]]] = {}

    def answer(self, query: str, *values: float, since: datetime = ALWAYS) -> None:
        """From a moment on a query gives these values, one series each; none is an empty result."""
        self._answers.setdefault(query, []).append((since, values))

    async def instant(self, query: str, *, at: datetime | None = None) -> Sequence[Series]:
        """See `bot.ports.Metrics`."""
        self.asks.append((query, at))
        if self.fails is not None:
            raise self.fails
        moment = at or self._clock.now()
        known = [values for since, values in self._answers.get(query, []) if since <= moment]
        return [_series({"n": str(number)}, moment, value) for number, value in enumerate(known[-1] if known else ())]

    async def range(
        self,
        query: str,
        *,
        start: datetime,
        end: datetime,  # noqa: ARG002 - the port's words
        step: timedelta,  # noqa: ARG002 - the port's words
    ) -> Sequence[Series]:
        """See `bot.ports.Metrics`: the value at the start, once."""
        return await self.instant(query, at=start)


def _series(labels: Mapping[str, str], at: datetime, value: float) -> Series:
    return Series(labels, [(at, value)])
