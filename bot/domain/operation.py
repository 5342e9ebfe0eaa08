"""The life of an operation: one attempt at something on one target. `evolve` is the whole state machine."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.errors import Refused
from bot.domain.target import Target


class Kind(StrEnum):
    """What an operation, and the change it belongs to, is for."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    RESTART = "restart"

    @property
    def brings(self) -> bool:
        """Whether it decides which release a target runs; a restart leaves that as it is."""
        return self is not Kind.RESTART


class State(StrEnum):
    """How an operation stands. See `evolve` for what leads where."""

    QUEUED = "queued"
    RUNNING = "running"
    VERIFYING = "verifying"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"
    FAILED = "failed"
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"
    UNKNOWN = "unknown"


FINAL = frozenset({State.SUCCEEDED, State.CANCELLED, State.FAILED, State.ROLLED_BACK})
HOLDS_TARGET = frozenset({State.RUNNING, State.VERIFYING, State.ROLLING_BACK, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Operation:
    """An attempt on a target. `revision` is the fence: a write that read an older one changes nothing."""

    id: int
    change_id: int
    position: int
    kind: Kind
    target: Target
    from_release: int | None
    to_release: int
    state: State = State.QUEUED
    going_back: bool = False
    reason: str = ""
    settled_by: str | None = None
    revision: int = 0
    ready_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in FINAL


@dataclass(frozen=True, slots=True)
class Started:
    """It holds its target; the first step begins."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What was asked for is live; now it is looked at."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Every step is done."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The backend or a check said no, in these words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """What was under way was ended because somebody stopped it: what that came to, in these words."""

    reason: str


@dataclass(frozen=True, slots=True)
class TurnedBack:
    """It failed in these words, and the policy says to bring the old release back."""

    reason: str


@dataclass(frozen=True, slots=True)
class WentBack:
    """The old release is live again."""


@dataclass(frozen=True, slots=True)
class Lost:
    """It cannot be told what happened; a person must say."""

    reason: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Somebody took it back before anything moved."""

    by: str


@dataclass(frozen=True, slots=True)
class Settled:
    """A person looked and said how it ended."""

    by: str
    succeeded: bool


Event = Started | Applied | Passed | Failed | Stopped | TurnedBack | WentBack | Lost | Cancelled | Settled


def evolve(op: Operation, event: Event) -> Operation:  # noqa: C901, PLR0911 - a state machine reads best as one table
    """Return the operation after the event; `Refused` for what cannot happen. This match is the state machine."""
    match op.state, event:
        case State.QUEUED, Started():
            return replace(op, state=State.RUNNING)
        case ((State.QUEUED | State.RUNNING), Cancelled(by)):
            return replace(op, state=State.CANCELLED, reason=f"cancelled by {by}")
        case State.RUNNING, Applied():
            return replace(op, state=State.VERIFYING)
        case ((State.RUNNING | State.VERIFYING), Passed()):
            return replace(op, state=State.SUCCEEDED)
        case ((State.RUNNING | State.VERIFYING | State.ROLLING_BACK), Failed(reason)):
            return replace(op, state=State.FAILED, reason=reason)
        case ((State.RUNNING | State.VERIFYING), Stopped(reason)):
            return replace(op, state=State.FAILED, reason=reason)
        case ((State.RUNNING | State.VERIFYING), TurnedBack(reason)):
            return replace(op, state=State.ROLLING_BACK, reason=reason, going_back=True)
        case State.ROLLING_BACK, WentBack():
            return replace(op, state=State.ROLLED_BACK)
        case ((State.RUNNING | State.VERIFYING | State.ROLLING_BACK), Lost(reason)):
            return replace(op, state=State.UNKNOWN, reason=reason)
        case State.UNKNOWN, Settled(by, succeeded):
            good = State.ROLLED_BACK if op.going_back else State.SUCCEEDED
            return replace(op, state=good if succeeded else State.FAILED, settled_by=by)
        case _:
            raise Refused(f"The operation on {op.target} is already {op.state.replace('_', ' ')}.")
