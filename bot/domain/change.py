"""The life of a change: what one command asked for.

`evolve` is the whole state machine; `outcome` sums up what the operations have come to.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.errors import Refused
from bot.domain.operation import FINAL, Kind
from bot.domain.operation import State as OperationState
from bot.domain.plan import Plan


class State(StrEnum):
    """How a change stands. See `evolve` for what leads where."""

    PROPOSED = "proposed"
    BLOCKED = "blocked"
    WAITING = "waiting"
    APPROVED = "approved"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOID = "void"
    CANCELLED = "cancelled"
    FAILED = "failed"
    PARTLY_DONE = "partly_done"
    UNKNOWN = "unknown"


OUTCOMES = frozenset({State.SUCCEEDED, State.FAILED, State.PARTLY_DONE, State.CANCELLED})
ENDED = OUTCOMES | {State.REJECTED, State.EXPIRED, State.VOID}


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody asked for. `words` says, for a person, why it stands as it stands."""

    id: int
    kind: Kind
    environment: str
    asked_by: str
    plan: Plan
    channel: str = ""
    reason: str = ""
    trigger: str = ""
    state: State = State.PROPOSED
    approvals_needed: int = 0
    approved_by: frozenset[str] = field(default_factory=frozenset)
    stop_asked_by: str | None = None
    go_on: bool = False  # somebody said to go on although an operation failed
    words: str = ""
    revision: int = 0
    created_at: datetime | None = None
    expires_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class Cleared:
    """Every gate passes."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A gate says no, or cannot tell."""

    reason: str


@dataclass(frozen=True, slots=True)
class ApprovedBy:
    """One person's yes."""

    by: str


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Somebody who said yes has lost the say since: their yes no longer counts."""

    by: str


@dataclass(frozen=True, slots=True)
class RejectedBy:
    """One person's no; one is enough."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Expired:
    """Nobody answered in time."""


@dataclass(frozen=True, slots=True)
class Voided:
    """The plan no longer describes the world."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """Somebody took it back: at once before it runs, as far as it can still be stopped when it does."""

    by: str


@dataclass(frozen=True, slots=True)
class Began:
    """The engine has it in hand."""


@dataclass(frozen=True, slots=True)
class WentOn:
    """Somebody said to go on with the rest although an operation failed."""

    by: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The operations have come to this: one of OUTCOMES."""

    outcome: State


@dataclass(frozen=True, slots=True)
class Lost:
    """An operation is unknown."""

    reason: str


@dataclass(frozen=True, slots=True)
class Settled:
    """A person said how the unknown operation ended."""

    by: str


Event = (
    Cleared
    | Blocked
    | ApprovedBy
    | Lapsed
    | RejectedBy
    | Expired
    | Voided
    | Stopped
    | Began
    | WentOn
    | Finished
    | Lost
    | Settled
)


def evolve(change: Change, event: Event) -> Change:  # noqa: C901, PLR0911, PLR0912 - one table
    """Return the change after the event; `Refused` for what cannot happen. This match is the state machine."""
    match change.state, event:
        case ((State.PROPOSED | State.BLOCKED), Cleared()):
            return replace(change, state=State.WAITING if change.approvals_needed else State.APPROVED, words="")
        case ((State.PROPOSED | State.BLOCKED), Blocked(reason)):
            return replace(change, state=State.BLOCKED, words=reason)
        case State.WAITING, ApprovedBy(by):
            votes = change.approved_by | {by}
            enough = len(votes) >= change.approvals_needed
            return replace(change, approved_by=votes, state=State.APPROVED if enough else State.WAITING)
        case State.WAITING, Lapsed(by):
            return replace(change, approved_by=change.approved_by - {by})
        case State.WAITING, RejectedBy(by, reason):
            return replace(change, state=State.REJECTED, words=reason, approved_by=change.approved_by - {by})
        case ((State.WAITING | State.BLOCKED), Expired()):
            return replace(change, state=State.EXPIRED)
        case ((State.PROPOSED | State.BLOCKED | State.WAITING | State.APPROVED), Voided(reason)):
            return replace(change, state=State.VOID, words=reason)
        case ((State.PROPOSED | State.BLOCKED | State.WAITING | State.APPROVED), Stopped(by)):
            return replace(change, state=State.CANCELLED, stop_asked_by=by)
        case ((State.RUNNING | State.UNKNOWN), Stopped(by)):
            return replace(change, stop_asked_by=change.stop_asked_by or by)
        case State.APPROVED, Began():
            return replace(change, state=State.RUNNING)
        case State.RUNNING, WentOn():
            return replace(change, go_on=True)
        case State.RUNNING, Finished(result) if result in OUTCOMES:
            return replace(change, state=result)
        case State.RUNNING, Lost(reason):
            return replace(change, state=State.UNKNOWN, words=reason)
        case State.UNKNOWN, Settled():
            return replace(change, state=State.RUNNING, words="")
        case _:
            raise Refused(f"Change {change.id} {_STANDS[change.state]}.")


_STANDS = {
    State.PROPOSED: "has only just been asked for",
    State.BLOCKED: "is blocked",
    State.WAITING: "waits for approval",
    State.APPROVED: "is approved and about to start",
    State.RUNNING: "is running",
    State.SUCCEEDED: "has succeeded already",
    State.REJECTED: "has been rejected",
    State.EXPIRED: "has expired",
    State.VOID: "is void",
    State.CANCELLED: "has been cancelled",
    State.FAILED: "has failed already",
    State.PARTLY_DONE: "has ended already, partly done",
    State.UNKNOWN: "is unknown: somebody has to say first how it ended",
}


def can_be_again(change: Change) -> bool:
    """Whether the same may be asked for once more: it failed or was cancelled, and it was a person who wanted it."""
    undone = change.kind is Kind.ROLLBACK and not change.trigger  # the engine asked for that, where a change failed
    return change.state in {State.FAILED, State.CANCELLED} and not undone


BAD = frozenset({OperationState.FAILED, OperationState.ROLLED_BACK})


def held(change: Change, states: Collection[OperationState]) -> bool:
    """Whether an operation failed, others have not begun, and nobody has said yet what to do with them."""
    failed = any(state in BAD for state in states)
    return change.state is State.RUNNING and failed and OperationState.QUEUED in states and not change.go_on


def outcome(states: Collection[OperationState]) -> State | None:
    """Sum up what a change's operations have come to; None while one of them can still move."""
    if any(state not in FINAL for state in states):
        return None
    if all(state is OperationState.SUCCEEDED for state in states):
        return State.SUCCEEDED
    if OperationState.SUCCEEDED in states:
        return State.PARTLY_DONE
    if all(state is OperationState.CANCELLED for state in states):
        return State.CANCELLED
    return State.FAILED
