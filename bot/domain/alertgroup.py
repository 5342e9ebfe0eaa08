"""The life of an alert group: what fires together, and who is at it.

`evolve` is the whole state machine. An acknowledgement is a lease: it ends by itself, and it covers what its person
could see, so something worse that joins ends it too. It is one person's: who comes second is told so, and takes over
by being assigned, which everybody sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.alert import Severity
from bot.domain.errors import Refused

RENEWED = 10  # a lease is made longer when a tenth of it, or a minute, is over: before, it is the same word twice
_MOST_NAMES = 5


class State(StrEnum):
    """How a group stands."""

    FIRING = "firing"  # and nobody has said that they are at it
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts that a monitor puts together. `severity` is the worst that fired in it since it was quiet last.

    `acked_until` is when somebody is asked whether they are still at it. `missing` is how many alerts the monitor left
    out of what it told last, because there were too many. `closed_by` is a person, where it has ended because one said
    so and not because nothing fires.
    """

    id: int
    route: str
    key: str
    labels: Mapping[str, str] = field(default_factory=dict)
    state: State = State.FIRING
    severity: Severity = Severity.LOW
    acked_by: str | None = None
    acked_at: datetime | None = None
    acked_until: datetime | None = None
    missing: int = 0
    link: str = ""
    opened_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_by: str | None = None
    closed_why: str | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Fired:
    """Alerts fire that did not; `severity` is of the worst of them."""

    severity: Severity


@dataclass(frozen=True, slots=True)
class Acked:
    """Somebody says that they are at it, until when they are not asked."""

    by: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Unacked:
    """Somebody takes an acknowledgement back, or (`by` is None) its time is over and nobody answered."""

    by: str | None = None


@dataclass(frozen=True, slots=True)
class Assigned:
    """Somebody is said to be at it by another, or takes it over, until when they are not asked."""

    to: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing of it fires any more."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Somebody says that it is over, and why. `firing` names what is known to fire still, by a monitor that would know.

    It is empty where the monitor never tells the end.
    """

    by: str
    why: str
    firing: Sequence[str] = ()


Event = Fired | Acked | Unacked | Assigned | Quiet | Closed


def evolve(group: Group, event: Event) -> Group:
    """Return the group after an event; `Refused` says to a person why something cannot be."""
    match event:
        case Fired(severity):
            return _fired(group, severity)
        case Acked():
            return _acked(group, event)
        case Assigned():
            return _assigned(group, event)
        case Unacked():
            return _unacked(group)
        case Quiet():
            return replace(_nobody(group), state=State.RESOLVED)
        case Closed():
            return _closed(group, event)


def raises(group: Group, severity: Severity) -> bool:
    """Whether people are to be called once more for alerts that join a group: it was quiet, or they are worse."""
    return group.state is State.RESOLVED or severity > group.severity


def named(names: Sequence[str]) -> str:
    """Return what fires, in a few words."""
    few = list(dict.fromkeys(names))[:_MOST_NAMES]
    more = f" and {len(names) - len(few)} more" if len(names) > len(few) else ""
    return ", ".join(few) + more


def _fired(group: Group, severity: Severity) -> Group:
    if not raises(group, severity):
        return group
    return replace(_nobody(group), severity=severity, resolved_at=None, closed_by=None, closed_why=None)


def _acked(group: Group, event: Acked) -> Group:
    if group.state is State.RESOLVED:
        raise Refused("Nothing of it fires any more, so there is nothing to acknowledge.")
    if group.acked_by not in {None, event.by}:
        raise Refused("Somebody else is at it already; assign it, to take it over.")
    if group.acked_until is not None and event.until - group.acked_until < _worth(event.until - event.at):
        raise Refused("You are at it already.")
    return replace(group, state=State.ACKNOWLEDGED, acked_by=event.by, acked_at=event.at, acked_until=event.until)


def _assigned(group: Group, event: Assigned) -> Group:
    if group.state is State.RESOLVED:
        raise Refused("It has been resolved, so there is nothing to assign.")
    if group.acked_by == event.to:
        raise Refused("They are at it already.")
    return replace(group, state=State.ACKNOWLEDGED, acked_by=event.to, acked_at=event.at, acked_until=event.until)


def _unacked(group: Group) -> Group:
    if group.state is not State.ACKNOWLEDGED:
        said = "It has been resolved" if group.state is State.RESOLVED else "Nobody is at it"
        raise Refused(f"{said}, so there is nothing to take back.")
    return _nobody(group)


def _worth(lease: timedelta) -> timedelta:
    """Return how much longer a lease must become for that to be an event of its own."""
    return min(lease / RENEWED, timedelta(minutes=1))


def _closed(group: Group, event: Closed) -> Group:
    if group.state is State.RESOLVED:
        raise Refused("It is resolved already.")
    if event.firing:
        verb = "still fires" if len(event.firing) == 1 else "still fire"
        raise Refused(f"{named(event.firing)} {verb}, so it is not over. Silence it, if nobody is to hear of it.")
    if not event.why.strip():
        raise Refused("Say why it is over: whoever reads the ledger will want to know.")
    return replace(_nobody(group), state=State.RESOLVED, closed_by=event.by, closed_why=event.why)


def _nobody(group: Group) -> Group:
    return replace(group, state=State.FIRING, acked_by=None, acked_at=None, acked_until=None)
