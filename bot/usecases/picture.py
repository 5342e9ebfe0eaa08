"""What a move of an operation is decided on: one reading of the ledger, as a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.change import Change
from bot.domain.operation import Operation
from bot.domain.release import Release
from bot.domain.step import DONE, Step
from bot.domain.step import State as StepState
from bot.ledger import changes, operations, releases, steps
from bot.ledger.ledger import Tx
from bot.stepkind import Scene, StepKind
from bot.world import World


@dataclass(frozen=True, slots=True)
class Picture:
    """An operation with everything around it, as the ledger held it at one moment."""

    op: Operation
    change: Change
    steps: list[Step]
    release: Release
    before: Release | None

    @property
    def next_step(self) -> Step | None:
        """The step that comes next on the way the operation goes: forward, or back."""
        return next((one for one in self.steps if one.back == self.op.going_back and one.state not in DONE), None)

    def noting(self, step: Step) -> "Picture":
        """Return the picture with a step as it has just been written."""
        return replace(self, steps=[step if one.id == step.id else one for one in self.steps])

    def turned(self, kinds: dict[str, StepKind]) -> bool:
        """Whether the target may have been touched, so that it is too late to cancel."""
        return any(one.state is not StepState.PENDING and kinds[one.kind].turns_target for one in self.steps)

    def scene(self, world: World, step: Step, now: datetime) -> Scene:
        """Return what a step acts on: the new release on the way forward, the old one on the way back."""
        release = self.before if step.back and self.before else self.release
        backend = self.change.plan.operations[self.op.position].config.get("backend", {})
        config = dict(backend) if isinstance(backend, dict) else {}
        return Scene(world, self.op, step, release, config, step.started_at or now, self._applied(step))

    def _applied(self, step: Step) -> str:
        """Return the key under which the backend was asked for what a step is about."""
        asked = [one.key for one in self.steps if one.kind == "apply" and one.back == step.back]
        return asked[0] if asked else ""


def opened(tx: Tx, change: Change, op: Operation, plan: Sequence[Step], known: Mapping[int, Release]) -> Picture:
    """Note the intent of an operation's first step; return the picture of it, to be acted on after the commit."""
    first = steps.write(tx, op, plan[0], steps.started(plan[0]))
    before = known[op.from_release] if op.from_release else None
    return Picture(op, change, [first, *plan[1:]], known[op.to_release], before)


async def take(tx: Tx, operation_id: int) -> Picture | None:
    """Read an operation and everything around it; None when there is no such operation."""
    await tx.read_ahead(
        operations.asking(operation_id),
        changes.asking_of_operation(operation_id),
        releases.asking_of_operation(operation_id),
        steps.asking_of_operations([operation_id]),
    )
    op, change = await operations.get(tx, operation_id), await changes.of_operation(tx, operation_id)
    if op is None or change is None:
        return None
    found = await releases.of_operation(tx, operation_id)
    before = found[op.from_release] if op.from_release else None
    return Picture(op, change, (await steps.of_operations(tx, [op.id]))[op.id], found[op.to_release], before)
