"""Silences: what is not to call anybody for a time, though it fires.

A silence is Slipway's wish, and Alertmanager's deed. The wish is written down first, with a key; the key goes into the
silence's comment, so that one whose creation got no answer is found again before it is made twice. `decide` compares
the wish with what Alertmanager holds and says what is to be done: it is the same after a crash, a lost answer, or
somebody's change in Alertmanager's own page.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.alert import Alert
from bot.domain.errors import Refused
from bot.domain.secret_shapes import COVER

SHORTEST, LONGEST = timedelta(minutes=15), timedelta(days=31)
ARRIVES = timedelta(seconds=30)  # what was sent off without an answer may still arrive so long after
NOTICE, SHARE = timedelta(minutes=15), 3  # notice is given so long before the end, or for the last third of a short one
_KEY = re.compile(r"\[slipway:([0-9a-f]{32})\]")
_DRIFT = timedelta(seconds=2)  # Alertmanager keeps less of a moment than we do


class State(StrEnum):
    """How a silence stands. Those that are settled wait for nothing but their end."""

    ASKED = "asked"  # the wish is written down
    LIVE = "live"  # Alertmanager holds it
    ENDING = "ending"  # somebody wants it to end
    UNKNOWN = "unknown"  # it was sent off, and whether Alertmanager has it cannot be told yet
    REFUSED = "refused"  # Alertmanager does not take it
    OVER = "over"  # its time is over
    REMOVED = "removed"  # somebody ended it, here or there

    @property
    def ended(self) -> bool:
        """Whether it silences nothing any more, and never will."""
        return self in {State.REFUSED, State.OVER, State.REMOVED}


@dataclass(frozen=True, slots=True)
class Matcher:
    """What a label has to be: this value, or (`equal` is False) anything but it; or a pattern of RE2."""

    name: str
    value: str
    regex: bool = False
    equal: bool = True

    def fits(self, labels: Mapping[str, str]) -> bool | None:
        """Whether the labels are so; None for a pattern, which only Alertmanager itself reads as it is meant."""
        return None if self.regex else (labels.get(self.name, "") == self.value) is self.equal

    @property
    def words(self) -> str:
        """As Alertmanager writes it."""
        sign = {(True, True): "=~", (True, False): "!~", (False, True): "=", (False, False): "!="}
        return f"{self.name}{sign[self.regex, self.equal]}{self.value}"


@dataclass(frozen=True, slots=True)
class Held:
    """A silence that Alertmanager holds, under its own id; `active` is False for one that has ended.

    One that has not `begun` silences nothing yet.
    """

    id: str
    matchers: Sequence[Matcher]
    ends_at: datetime
    by: str = ""
    comment: str = ""
    active: bool = True
    begun: bool = True

    @property
    def key(self) -> str | None:
        """The key of the wish that it came of, if it is one of ours."""
        found = _KEY.search(self.comment)
        return found[1] if found else None


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that fires, as Alertmanager says when it is asked, and the ids of the silences that cover it.

    `inhibited` is one that it does not tell of for another reason: another alert, or the time of the day.
    """

    fingerprint: str
    labels: Mapping[str, str]
    starts_at: datetime
    silenced_by: Sequence[str] = ()
    inhibited: bool = False

    @property
    def told(self) -> bool:
        """Whether Alertmanager tells of it: not of what is silenced or inhibited."""
        return not self.silenced_by and not self.inhibited


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything that a monitor answered when it was asked.

    `whole` is False where one of its peers did not answer: then what is not seen may still be there. `since` is when
    the monitor (or the youngest of its peers) began: one that has just begun does not know yet what fires.
    """

    alerts: Sequence[Firing] = ()
    silences: Sequence[Held] = ()
    since: datetime | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence as the ledger knows it. One that was made in Alertmanager itself has no `by`, and its `author` there.

    `covers` are the fingerprints that Alertmanager said it covers, where it has a pattern.
    """

    id: int
    monitor: str
    key: str
    matchers: Sequence[Matcher]
    ends_at: datetime
    state: State = State.ASKED
    group_id: int | None = None
    by: str | None = None
    author: str = ""
    reason: str = ""
    held_id: str = ""
    held_until: datetime | None = None
    sent_at: datetime | None = None
    busy_until: datetime | None = None
    tries: int = 0
    fault: str = ""
    asked_at: datetime | None = None
    ended_by: str | None = None
    covers: Sequence[str] = field(default_factory=tuple)
    revision: int = 0

    @property
    def settled(self) -> bool:
        """Whether the world is as it is wished."""
        return self.state.ended or (self.state is State.LIVE and self.held_until == self.ends_at)

    @property
    def comment(self) -> str:
        """What Alertmanager's page says of it; it bears the key."""
        return f"{self.reason or 'Silenced in Slack'} [slipway:{self.key}]"

    def silences(self, alert: Alert, now: datetime) -> bool:
        """Whether it keeps an alert from calling anybody now."""
        if self.held_until is None or self.held_until <= now or self.state.ended:
            return False
        return self.matches(alert)

    def matches(self, alert: Alert) -> bool:
        """Whether it covers an alert, while it lasts."""
        fits = [one.fits(alert.labels) for one in self.matchers]
        if None in fits:
            return alert.fingerprint in self.covers
        return bool(fits) and all(fits)


class Act(StrEnum):
    """What is to be done about a silence, by what Alertmanager holds."""

    MAKE = "make"  # or make it last longer, when Alertmanager holds it
    END = "end"
    WAIT = "wait"  # whether it is there cannot be told yet
    NOTHING = "nothing"


def decide(silence: Silence, held: Held | None, now: datetime, *, whole: bool = True) -> Act:
    """Say what is to be done, by the one of Alertmanager's that has the wish's key, and is active if one is."""
    there = held is not None and held.active
    in_doubt = silence.sent_at is not None and (now - silence.sent_at < ARRIVES or not whole)
    if silence.state is State.ENDING:
        return Act.END if there else (Act.WAIT if in_doubt else Act.NOTHING)
    if silence.settled or silence.ends_at <= now:
        return Act.NOTHING
    if held is not None and there:
        return Act.NOTHING if abs(held.ends_at - silence.ends_at) < _DRIFT else Act.MAKE
    return Act.WAIT if in_doubt else Act.MAKE


def of_key(silence: Silence, held: Iterable[Held]) -> list[Held]:
    """Return those of Alertmanager's that came of a wish, the active ones first, of these the last to end first."""
    ours = [one for one in held if one.key == silence.key or (silence.held_id and one.id == silence.held_id)]
    return sorted(ours, key=lambda one: (one.active, one.ends_at), reverse=True)


def shared(alerts: Iterable[Alert]) -> dict[str, str]:
    """Return the labels that all the alerts have, and have alike."""
    found: dict[str, str] | None = None
    for one in alerts:
        found = dict(one.labels) if found is None else {n: v for n, v in found.items() if one.labels.get(n) == v}
    return found or {}


def matchers(labels: Mapping[str, str]) -> tuple[Matcher, ...]:
    """Return what matches these labels; `Refused` where that would be everything.

    A label without a value matches all that do not have it, and what was masked is not what Alertmanager knows.
    """
    made = tuple(Matcher(n, v) for n, v in sorted(labels.items()) if v and COVER not in v)
    if not made:
        raise Refused("That would silence everything: there is no label to match by. Choose an alert, or labels.")
    return made


def until(length: timedelta, now: datetime) -> datetime:
    """Return when a silence of a length ends; `Refused` when it is too short or too long."""
    if not SHORTEST <= length <= LONGEST:
        raise Refused("A silence lasts from 15 minutes to a month (31 days): say for example 15m, 2h, 3d or 1w.")
    return now + length


def work_begins(now: datetime, zone: ZoneInfo, *, at: time, days: Iterable[int]) -> datetime:
    """Return when work begins next in a zone: the first of its days (Monday is 0) at a time that is still to come.

    A quarter of an hour is the least: what begins sooner is over before anybody has looked away.
    """
    here, working = now.astimezone(zone), set(days)
    for ahead in range(9):
        day = here.date() + timedelta(days=ahead)
        begins = datetime.combine(day, at, zone)
        if day.weekday() in working and begins - now >= SHORTEST:
            return begins
    raise Refused("The catalog names no working days; choose how long instead.")


def notice_from(silence: Silence) -> datetime:
    """Return from when on notice is given that it ends: a quarter of an hour before, or the last third of a short one.

    A silence of an unknown beginning (Alertmanager's own) has the quarter of an hour.
    """
    length = silence.ends_at - silence.asked_at if silence.asked_at else LONGEST
    return silence.ends_at - min(NOTICE, length / SHARE)
