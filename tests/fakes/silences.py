"""An Alertmanager that lives in memory: what fires, what is silenced, and how it fails."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.errors import GaveUp, Retry
from bot.domain.silence import Firing, Held, Matcher, Sight
from bot.ports import Clock, Unclear

Trouble = Retry | GaveUp | Unclear


@dataclass
class FakeAlertmanager:
    """Implements `bot.ports.Silences`. `fails` is raised by every verb, `lost` by the next `make`, once it is done."""

    clock: Clock
    fails: Trouble | None = None
    lost: Trouble | None = None
    since: datetime | None = None
    whole: bool = True
    firing: dict[str, Firing] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    made: int = 0
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def fire(self, fingerprint: str, starts_at: datetime | None = None, **labels: str) -> None:
        """Have an alert fire."""
        self.firing[fingerprint] = Firing(fingerprint, labels, starts_at or self.clock.now())

    async def look(self) -> Sight:
        """See `bot.ports.Silences`."""
        if self.fails:
            raise self.fails
        silences = [self._now(one) for one in self.held.values()]
        alerts = [replace(one, silenced_by=self._covering(one, silences)) for one in self.firing.values()]
        return Sight(alerts, silences, self.since, whole=self.whole)

    async def make(
        self, matchers: Sequence[Matcher], *, ends_at: datetime, by: str, comment: str, instead: str | None = None
    ) -> str:
        """See `bot.ports.Silences`."""
        if self.fails:
            raise self.fails
        number = instead if instead and self._now(self.held[instead]).active else f"id-{next(self._numbers)}"
        before = self.held.get(instead or "")
        told = (before.matchers, before.by, before.comment) if before else (matchers, by, comment)
        self.held[number] = Held(number, told[0], ends_at, told[1], told[2])
        self.made += 1
        if self.lost:
            lost, self.lost = self.lost, None
            raise lost
        return number

    async def end(self, silence_id: str) -> None:
        """See `bot.ports.Silences`."""
        if self.fails:
            raise self.fails
        if silence_id in self.held:
            self.held[silence_id] = replace(self.held[silence_id], active=False, ends_at=self.clock.now())

    def _now(self, held: Held) -> Held:
        return replace(held, active=held.active and held.ends_at > self.clock.now())

    def _covering(self, alert: Firing, silences: Sequence[Held]) -> list[str]:
        covers = [one for one in silences if one.active and all(fits(m, alert) for m in one.matchers)]
        return [one.id for one in covers]


def fits(matcher: Matcher, alert: Firing) -> bool:
    """Patterns of this Alertmanager fit whatever has the label."""
    return matcher.name in alert.labels if matcher.regex else bool(matcher.fits(alert.labels))
