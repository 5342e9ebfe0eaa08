"""The life of an alert group: what fires together, and who is at it.

`evolve` is the whole state machine. An acknowledgement is a lease: it ends by itself, and it covers what its person
could see, so something worse that joins ends it too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.alert import Severity
from bot.domain.errors import Refused


class State(StrEnum):
    """How a group stands."""

    FIRING = "firing"  # and nobody has said that they are at it
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts that a monitor puts together. `severity` is the worst that fired in it since it was quiet last.

    `acked_until` is when somebody is asked whether they are still at it. `missing` is how many alerts the monitor left
    out of what it told last, because there were too many.
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
class Quiet:
    """Nothing of it fires any more."""


Event = Fired | Acked | Unacked | Quiet


def evolve(group: Group, event: Event) -> Group:
    """Return the group after an event; `Refused` says to a person why something cannot be."""
    match event:
        case Fired(severity):
            return _fired(group, severity)
        case Acked(by, at, until):
            if group.state is State.RESOLVED:
                raise Refused("Nothing of it fires any more, so there is nothing to acknowledge.")
            if group.acked_by == by and group.acked_until is not None and group.acked_until >= until:
                raise Refused("You are at it already.")
            return replace(group, state=State.ACKNOWLEDGED, acked_by=by, acked_at=at, acked_until=until)
        case Unacked(by):
            if group.state is not State.ACKNOWLEDGED:
                said = "It has been resolved" if group.state is State.RESOLVED else "Nobody is at it"
                raise Refused(f"{said}, so there is nothing to take back.")
            return _nobody(group)
        case Quiet():
            return replace(_nobody(group), state=State.RESOLVED)


def raises(group: Group, severity: Severity) -> bool:
    """Whether people are to be called once more for alerts that join a group: it was quiet, or they are worse."""
    return group.state is State.RESOLVED or severity > group.severity


def _fired(group: Group, severity: Severity) -> Group:
    if not raises(group, severity):
        return group
    return replace(_nobody(group), severity=severity, resolved_at=None)


def _nobody(group: Group) -> Group:
    return replace(group, state=State.FIRING, acked_by=None, acked_at=None, acked_until=None)
