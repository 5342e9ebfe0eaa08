"""What may have caused an alert: an operation that touched what it is about, shortly before it began.

Times of alerts are the monitor's, times of operations are ours, and clocks differ: up to `SKEW` says nothing. But what
we had been told of before we touched anything was certainly not caused by that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.target import Target

SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Touch:
    """An operation on a target: since when it touched it, since when what it brought was seen to serve, and its end."""

    operation: int
    began_at: datetime
    live_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Onset:
    """When the first alert about a target began (by the monitor's clock), and when we were told (by ours)."""

    began_at: datetime
    told_at: datetime
    name: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """What was seen when an alert group was looked at, and is not looked at again: for one of its targets.

    `operation` touched it since `touched_at`; None where nothing did. `more` others did so, before that one.
    """

    group: int
    target: Target
    onset: Onset
    operation: int | None = None
    touched_at: datetime | None = None
    live_at: datetime | None = None
    more: int = 0


def suspects(touches: Sequence[Touch], onset: Onset, *, within: timedelta, quiet: datetime | None) -> list[Touch]:
    """Return the operations that may have caused what began, the newest first.

    `quiet` is when the group fired last before that: what had touched the target by then was looked at in its time.
    """
    found = [one for one in touches if _before(one, onset) and _near(one, onset, within) and _new(one, quiet)]
    return sorted(found, key=lambda one: (one.began_at, one.operation), reverse=True)


def _before(one: Touch, onset: Onset) -> bool:
    return one.began_at <= onset.told_at and one.began_at <= onset.began_at + SKEW


def _near(one: Touch, onset: Onset, within: timedelta) -> bool:
    return one.ended_at is None or one.ended_at >= onset.began_at - within


def _new(one: Touch, quiet: datetime | None) -> bool:
    return quiet is None or one.began_at > quiet
