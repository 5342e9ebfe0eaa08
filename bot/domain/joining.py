"""What is told in the thread of a card of alerts that join and end: within a minute it is one line, however many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.alert import Alert, News

TOGETHER = timedelta(minutes=1)
MOST_NAMES = 5
_TELLING = ("instance", "pod", "host", "service", "environment")  # the labels that tell alerts of one name apart


@dataclass(frozen=True, slots=True)
class Turn:
    """What joined and what ended within a minute: how many, and the first few. `over`: nothing fires after it."""

    began_at: datetime
    joined: int = 0
    ended: int = 0
    named_joined: Sequence[str] = ()
    named_ended: Sequence[str] = ()
    over: bool = False

    def takes(self, now: datetime) -> bool:
        """Whether what happens now still belongs to it."""
        return now - self.began_at < TOGETHER

    def then(self, fresh: News, *, over: bool) -> "Turn":
        """Return it with what is news."""
        return replace(
            self,
            joined=self.joined + len(fresh.fired),
            ended=self.ended + len(fresh.resolved),
            named_joined=_named(self.named_joined, fresh.fired),
            named_ended=_named(self.named_ended, fresh.resolved),
            over=over,
        )


def called(alert: Alert) -> str:
    """Return an alert's name and what tells it from others of that name."""
    told = next((alert.labels[name] for name in _TELLING if alert.labels.get(name)), "")
    return f"{alert.name} ({told})" if told else alert.name


def _named(before: Sequence[str], alerts: Iterable[Alert]) -> Sequence[str]:
    return [*before, *map(called, alerts)][:MOST_NAMES]
