"""Moving changes along: starting an approved one, and summing up what its operations have come to."""

from datetime import timedelta

from bot.domain.change import (
    BAD,
    Began,
    Change,
    Finished,
    Lost,
    State,
    Voided,
    held,
    outcome,
)
from bot.domain.operation import Kind, Operation
from bot.domain.operation import State as OperationState
from bot.domain.outdated import outdated
from bot.domain.report import went_back
from bot.ledger import cards, causes, changes, operations, reports, requests
from bot.ledger.ledger import Tx
from bot.ledger.queue import Job
from bot.ledger.requests import Deed
from bot.usecases import gates, proposing
from bot.usecases.decisions import end, locked
from bot.usecases.planning import redraw
from bot.world import World

FIRST_GLANCE, LAST_GLANCE = timedelta(milliseconds=50), timedelta(seconds=3)


async def start(world: World, change_id: int) -> None:
    """Start an approved change, if its plan still describes the world and its gates still open."""
    async with world.ledger.transaction() as tx:
        seen = await changes.get(tx, change_id)
    if seen is None or seen.state is not State.APPROVED:
        return
    await _let_it_be_seen(world, seen)
    changed = outdated(seen.plan, await redraw(world, seen.plan))
    closed = await gates.closed(world, seen.plan)
    async with world.ledger.transaction() as tx:
        change = await locked(tx, change_id)
        if change.state is not State.APPROVED:
            return
        if changed or closed:
            await end(tx, change, Voided(" ".join([*changed, *([closed] if closed else [])])), actor="engine")
            return
        changes.happen(tx, change, Began(), actor="engine")
        first = (await operations.of_change(tx, change_id))[0]
        await operations.make_ready(tx, first)


async def _let_it_be_seen(world: World, change: Change) -> None:
    """Wait until the plan of a change that nobody approves is on its card, but not for long: Slack may be away."""
    wait = FIRST_GLANCE
    while not change.approvals_needed and wait <= LAST_GLANCE:
        async with world.ledger.transaction() as tx:
            card = await cards.of(tx, changes.subject(change.id), "live")
        if card is None or card.ts is not None:
            return
        await world.clock.sleep(wait)
        wait *= 2


async def sum_up(tx: Tx, change_id: int) -> None:
    """After an operation has ended or was lost: let the next one begin, or the change end, or wait for a person."""
    change = await locked(tx, change_id)
    causes.touch(tx, change_id)
    ops = await operations.of_change(tx, change_id)
    lost = next((op for op in ops if op.state is OperationState.UNKNOWN), None)
    if lost is not None:
        if change.state is State.RUNNING:
            changes.happen(tx, change, Lost(f"{lost.target}: {lost.reason}"), actor="engine")
        return
    ops = await _drop_the_rest(tx, change, ops)
    result = outcome([op.state for op in ops])
    if result is not None and change.state is State.RUNNING:
        after = changes.happen(tx, change, Finished(result), actor="engine")
        reports.follow(tx, changes.subject(change_id))
        if went_back(after, [op.state for op in ops]):
            tx.enqueue(Job("after_rollback", change_id))
        if result is State.PARTLY_DONE and change.kind is Kind.DEPLOY and _goes_back(change, ops):
            await _undo(tx, change)
        return
    if not waits_for_a_person(change, ops):
        await _next(tx, ops)


async def _drop_the_rest(tx: Tx, change: Change, ops: list[Operation]) -> list[Operation]:
    """Take back what has not begun, when somebody stopped the change or its policy goes back after a failure."""
    if change.stop_asked_by is None and not _goes_back(change, ops):
        return ops
    for op in ops:
        operations.cancel_queued(tx, op, by=change.stop_asked_by or "engine")
    return await operations.of_change(tx, change.id)


def _goes_back(change: Change, ops: list[Operation]) -> bool:
    return change.plan.on_failure == "roll_back" and any(op.state in BAD for op in ops)


async def _undo(tx: Tx, change: Change) -> None:
    """Ask for what the change has done to be undone."""
    args = {"change": change.id, "environment": change.environment}
    await requests.take(tx, Deed(f"undo:{change.id}", change.asked_by, change.channel, "undo", args))


def waits_for_a_person(change: Change, ops: list[Operation]) -> bool:
    """Whether an operation failed, others have not begun, and nobody has said yet what to do with them."""
    return held(change, [op.state for op in ops])


async def _next(tx: Tx, ops: list[Operation]) -> None:
    busy = any(not op.final and op.state is not OperationState.QUEUED for op in ops)
    waiting = [op for op in ops if op.state is OperationState.QUEUED]
    if waiting and not busy:
        await operations.make_ready(tx, waiting[0])


async def left_behind(tx: Tx) -> None:
    """Have approved changes started whose job was lost: nobody has touched them for a while."""
    approved = [change for change in await changes.open_in(tx) if change.state is State.APPROVED]
    await tx.take_up([proposing.start(change.id) for change in approved])
