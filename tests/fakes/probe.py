"""A probe that lives in memory: every address is well until a test says otherwise."""

from collections import deque
from datetime import timedelta

from bot.domain.observation import Sample

WELL = Sample(ok=True, detail="HTTP 200")


class ScriptedProbe:
    """Implements `bot.ports.Probe`. `then` gives the next answers of an address, `answer` its lasting one."""

    def __init__(self) -> None:
        self.checks: list[str] = []
        self._lasting: dict[str, Sample] = {}
        self._next: dict[str, deque[Sample]] = {}

    def answer(self, url: str, sample: Sample = WELL) -> None:
        """From now on the address answers so."""
        self._lasting[url] = sample

    def sick(self, url: str, detail: str = "HTTP 500: broken") -> None:
        """From now on the address answers badly."""
        self.answer(url, Sample(ok=False, detail=detail))

    def then(self, url: str, *samples: Sample) -> None:
        """Give the next answers of the address, before its lasting one."""
        self._next.setdefault(url, deque()).extend(samples)

    async def check(self, url: str, *, status: int, contains: str | None, patience: timedelta) -> Sample:  # noqa: ARG002 - the port's words
        """See `bot.ports.Probe`."""
        self.checks.append(url)
        waiting = self._next.get(url)
        return waiting.popleft() if waiting else self._lasting.get(url, WELL)

    async def reach(self, host: str, port: int, *, patience: timedelta) -> Sample:
        """See `bot.ports.Probe`; the address is `host:port`."""
        return await self.check(f"{host}:{port}", status=0, contains=None, patience=patience)
