"""What is wrong in the ledger about what fires, by what a monitor says when it is asked. Nothing is concluded lightly.

A monitor that has just begun does not know yet what fires; one of its peers that did not answer may know what the
others do not; a message may be under way. So a doubt has to last, and only of a whole sight is it said that something
no longer fires.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.silence import Firing, Sight

LASTS = timedelta(minutes=3)  # so long must a doubt last
TOLD_BY = timedelta(minutes=11)  # what fires anew is told by the monitor itself, after its group_interval
SETTLED = timedelta(minutes=10)  # so long after it began does a monitor know what fires
OLDEST = timedelta(days=1)  # what ended longer ago is not opened again by asking


def conclusive(sight: Sight, now: datetime) -> bool:
    """Whether it may be said of what is not seen that it is not there."""
    return sight.whole and (sight.since is None or now - sight.since >= SETTLED)


@dataclass(frozen=True, slots=True)
class Doubt:
    """That the ledger and the monitor disagree about an alert: `seen` is None where only the ledger says it fires."""

    seen: Firing | None
    ended_at: datetime | None

    @property
    def lasts(self) -> timedelta:
        """How long it must last until the monitor is believed."""
        if self.seen is None or self.ended_at is None or self.seen.starts_at <= self.ended_at:
            return LASTS
        return TOLD_BY


def doubt(ended_at: datetime | None, seen: Firing | None, now: datetime) -> Doubt | None:
    """Return the doubt about an alert that fires by the ledger (`ended_at` is None) or has ended; None without one.

    What is silenced is not told of by the monitor, so that it is not told of here either.
    """
    if ended_at is None:
        return Doubt(None, None) if seen is None else None
    if seen is None or not seen.told or now - ended_at > OLDEST:
        return None
    return Doubt(seen, ended_at)
