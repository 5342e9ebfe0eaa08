"""What follows from how a step ended: each function writes it down within the caller's transaction."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.crossing import irreversible, way_out, what_ran
from bot.domain.operation import Applied, Failed, Kind, Lost, Operation, Passed, State, Stopped, TurnedBack, WentBack
from bot.domain.step import BESIDES, Step
from bot.domain.step import State as StepState
from bot.engine.changes import sum_up
from bot.ledger import cards, crossings, operations, releases, steps, succession, targets
from bot.ledger.ledger import Tx
from bot.stepkind import Done, Scene, StepKind
from bot.stepkind import Failed as No
from bot.stepkind import Lost as Unknown
from bot.usecases import marking
from bot.usecases.picture import Picture
from bot.usecases.proposing import new_key

NOW = timedelta()
CALLS = frozenset({State.FAILED, State.ROLLED_BACK, State.UNKNOWN})  # an edited card pings nobody
MOST_WORDS = 400  # of why a step failed, where more has to be said; the log has all of it


async def ended(tx: Tx, op: Operation) -> None:
    """Let the change draw its conclusion, the target's next operation have its turn, and who waits see it."""
    if op.state in CALLS:
        await cards.tell(tx, op, "call", urgent=True)
    await sum_up(tx, op.change_id)
    line = await operations.queue_of(tx, op.target)
    if op.final and line:
        tx.enqueue(operations.advance(line[0]))
    for waiting in line:
        tx.enqueue(cards.touched(waiting.change_id))


async def done(
    tx: Tx, scene: Scene, picture: Picture, kinds: dict[str, StepKind], step: Step, verdict: Done
) -> timedelta | None:
    """Note that a step went well, and what it made or was seen to serve; after the last one all is done.

    As long as no step has touched the target, that is left to the next move, for somebody may have stopped the change.
    """
    detail = scene.world.mask(verdict.detail)
    after = replace(step, state=StepState.SUCCEEDED, detail=detail, progress=_with_left(scene, verdict))
    steps.write(tx, scene.op, scene.step, after)
    await _tell_the_way_back(tx, scene.op, after)
    if verdict.digest:
        await releases.built(tx, scene.release.id, verdict.digest)
    if verdict.serves:
        await _serves(tx, scene, picture)
    picture = picture.noting(after)
    if picture.next_step is None and picture.turned(kinds):
        await all_done(tx, picture)
        return None
    if verdict.serves and picture.next_step and scene.op.state is State.RUNNING:
        operations.happen(tx, scene.op, Applied(), actor="engine")
    return NOW


def _with_left(scene: Scene, verdict: Done | No | Unknown) -> dict[str, object]:
    """Return a step's progress with what it left."""
    return {**scene.step.progress, **{name: scene.world.mask(value) for name, value in verdict.left.items()}}


async def _tell_the_way_back(tx: Tx, op: Operation, step: Step) -> None:
    """Of a migration that there is no way back from, have it told in the thread how the data comes back."""
    if step.kind == "migrate" and irreversible(step) and op.from_release is not None:
        await cards.tell(tx, op, "restore")


async def _serves(tx: Tx, scene: Scene, picture: Picture) -> None:
    if not scene.op.kind.brings:
        await targets.restarted(tx, scene.op, key=scene.step.key)
        return
    await succession.went_live(tx, scene.op, scene.release.id, key=scene.step.key, by=picture.change.asked_by)


async def failed(tx: Tx, scene: Scene, picture: Picture, kinds: dict[str, StepKind], verdict: No) -> timedelta | None:
    """Note that a step failed, or was stopped, and what it left; then ask a person or go back, as the policy says."""
    reason = scene.world.mask(verdict.reason)
    after = replace(scene.step, state=StepState.FAILED, detail=reason, progress=_with_left(scene, verdict))
    steps.write(tx, scene.op, scene.step, after)
    await _tell_the_way_back(tx, scene.op, after)
    if verdict.serves:
        await _serves(tx, scene, picture)
    words = f"{scene.step.name}: {reason}"
    if _may_go_back(picture, kinds):
        obstacle = await _in_the_way(tx, picture)
        if obstacle is None:
            operations.happen(tx, scene.op, TurnedBack(words), actor="engine")
            await _way_back(tx, picture, kinds)
            return NOW
        words = f"{words[:MOST_WORDS]}{BESIDES}{obstacle}"
    event = Stopped(words) if verdict.stopped and not scene.op.going_back else Failed(words)
    await ended(tx, operations.happen(tx, scene.op, event, actor="engine"))
    return None


def _may_go_back(picture: Picture, kinds: dict[str, StepKind]) -> bool:
    """Whether the policy takes an operation back that has failed, and there is something to take it back to."""
    op, before = picture.op, picture.before
    wanted = picture.change.plan.on_failure == "roll_back" and op.kind is Kind.DEPLOY and not op.going_back
    return wanted and before is not None and before.id != op.to_release and picture.turned(kinds)


async def _in_the_way(tx: Tx, picture: Picture) -> str | None:
    """Say what keeps an operation from being taken back without a person, or None when nothing does."""
    assert picture.before is not None  # noqa: S101 - there is something to go back to
    before = picture.before
    crossed = (await crossings.between(tx, picture.op.target, [before.id]))[before.id]
    if not crossed:
        return None
    return f"It was not taken back to {before.version} by itself: {what_ran(crossed)} {way_out(crossed)}"


async def _way_back(tx: Tx, picture: Picture, kinds: dict[str, StepKind]) -> None:
    """Add the steps that bring the old release back."""
    op, planned = picture.op, picture.change.plan.operations[picture.op.position]
    first = max(one.position for one in picture.steps) + 1
    back = [one for one in planned.steps if _returns(kinds[one.kind], one.options)]
    await steps.add(
        tx,
        [
            Step(0, op.id, first + place, one.kind, one.name, new_key(op.id, one.name), back=True, options=one.options)
            for place, one in enumerate(back)
        ],
    )


def _returns(kind: StepKind, options: dict[str, object]) -> bool:
    return kind.in_rollback(kind.options.model_validate(options))


async def lost(tx: Tx, scene: Scene, step: Step, verdict: Unknown) -> timedelta | None:
    """Note that it cannot be told how a step ended: the target stays held, and a person is asked."""
    reason = scene.world.mask(verdict.reason)
    after = replace(step, state=StepState.UNKNOWN, detail=reason, progress=_with_left(scene, verdict))
    steps.write(tx, scene.op, scene.step, after)
    await _tell_the_way_back(tx, scene.op, after)
    await ended(tx, operations.happen(tx, scene.op, Lost(f"{step.name}: {reason}"), actor="engine"))
    return None


async def all_done(tx: Tx, picture: Picture) -> None:
    """Every step is done: note what is good now, and what is faulty."""
    op = picture.op
    after = operations.happen(tx, op, WentBack() if op.going_back else Passed(), actor="engine")
    await marking.mark(tx, after, picture.change)
    await ended(tx, after)
