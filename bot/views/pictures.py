"""What a card shows of a change, as values: the painter reads them from the ledger, the views draw them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.change import Change
from bot.domain.gate import GateResult
from bot.domain.operation import Operation
from bot.domain.operation import State as OperationState
from bot.domain.plan import PlannedOperation
from bot.domain.step import State as StepState
from bot.domain.step import Step
from bot.views.causes import AfterPicture
from bot.views.kit import link, outside


@dataclass(frozen=True, slots=True)
class InLine:
    """What an operation waits for: the change that goes before it, who asked for that, and how many go before."""

    change: int
    by: str
    ahead: int = 1
    lost: bool = False  # that one is unknown: the line moves on when somebody has settled it


@dataclass(frozen=True, slots=True)
class Owner:
    """The operation that what is live on a target is owed to, its change, and whether it `failed`."""

    operation: int
    change: int
    failed: bool = False


@dataclass(frozen=True, slots=True)
class OperationPicture:
    """An operation with its steps.

    `before` is the version that it found, `owner` whose release is live there now; `back` says whether there is a
    good release that one could go back to from there.
    """

    op: Operation
    planned: PlannedOperation
    steps: Sequence[Step]
    before: str | None = None
    line: InLine | None = None
    owner: Owner | None = None
    back: bool = True

    @property
    def begun(self) -> bool:
        """Whether anything has been done on the way forward."""
        return any(step.state is not StepState.PENDING for step in self.steps)

    @property
    def as_planned(self) -> bool:
        """Whether what it found, or would find, is what the plan says it replaces."""
        return self.op.from_release == (self.planned.before.id if self.planned.before else None)

    @property
    def left(self) -> bool:
        """Whether its release was put there and then something failed: it serves until somebody acts."""
        put = any(one.kind == "apply" and not one.back and one.state is StepState.SUCCEEDED for one in self.steps)
        back = any(one.back and one.state is not StepState.PENDING for one in self.steps)
        return self.op.state is OperationState.FAILED and put and not back

    @property
    def untouched(self) -> bool:
        """Whether it ended before its target was turned to anything else."""
        return all(one.state is StepState.PENDING for one in self.steps if one.kind == "apply")

    @property
    def over_failed(self) -> int | None:
        """The change whose release failed, too, and serves there still, where this one did not come that far."""
        kept = self.op.state is OperationState.FAILED and not self.left and not self.op.going_back
        if not kept or self.owner is None or not self.owner.failed or self.owner.operation == self.op.id:
            return None
        return self.owner.change

    @property
    def leaves(self) -> bool:
        """Whether one can go back from what serves there by way of this operation's card."""
        return self.back and (self.live or self.over_failed is not None)

    @property
    def live(self) -> bool:
        """Whether what it brought is what serves there now."""
        return self._was_live and self.owner is not None and self.owner.operation == self.op.id

    @property
    def superseded_by(self) -> int | None:
        """The change whose release is there now instead of the one that it brought."""
        return self.owner.change if self._was_live and self.owner is not None and not self.live else None

    @property
    def _was_live(self) -> bool:
        return self.op.kind.brings and (self.op.state is OperationState.SUCCEEDED or self.left)


@dataclass(frozen=True, slots=True)
class Vote:
    """What one person said, and when."""

    person: str
    verdict: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ChangePicture:
    """Everything the card says.

    `names` are people's names by id, `groups` how the approvers are called to it, `links` where the cards of the other
    changes that it names hang; `left_out` says of services that are not in the plan why they are not; `typed` is the
    command that led to it, where one did. `ends` are the kinds of its backends that can end what
    they have under way; `alerts` are those that began after its operations, by operation.
    """

    change: Change
    operations: Sequence[OperationPicture]
    now: datetime
    names: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[int, str] = field(default_factory=dict)
    votes: Sequence[Vote] = ()
    gates: Sequence[GateResult] = ()
    groups: Sequence[str] = ()
    left_out: Sequence[str] = ()
    typed: str = ""
    held: bool = False
    ends: Sequence[str] = ()
    alerts: Mapping[int, Sequence[AfterPicture]] = field(default_factory=dict)

    def name(self, person: str) -> str:
        """Return a person's name, escaped; a mention would ping them again with every new card."""
        return outside(self.names.get(person, person), 80)

    def card(self, change: int) -> str:
        """Return a change's number, as a link to its card where that is known."""
        return link(self.links.get(change), f"change {change}")

    @property
    def in_line(self) -> bool:
        """Whether it has been started and only waits for others to leave its targets."""
        ops = self.operations
        return any(one.line for one in ops) and all(one.op.state is OperationState.QUEUED for one in ops)
