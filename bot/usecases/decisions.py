"""Decisions on a change: approve, reject, cancel, check again, go on, settle. Each is one transaction.

The change's row is locked first, so that two clicks, two approvers, expiry and cancel at one moment have one outcome;
who comes second is told how it stands.
"""

from contextlib import suppress
from datetime import timedelta

from bot.domain.approval import check_approval, check_vote, lapsed
from bot.domain.change import (
    ApprovedBy,
    Change,
    Event,
    Expired,
    Lapsed,
    RejectedBy,
    Settled,
    State,
    Stopped,
    Voided,
    WentOn,
    held,
)
from bot.domain.errors import Refused
from bot.domain.gate import obstacle
from bot.domain.operation import Kind, Operation
from bot.domain.operation import Settled as OperationSettled
from bot.domain.operation import State as OperationState
from bot.domain.outdated import outdated
from bot.domain.plan import Plan
from bot.domain.target import Target
from bot.ledger import changes, operations
from bot.ledger.ledger import Stale, Tx
from bot.ledger.statement import Said
from bot.usecases import beginning, gates, marking, planning
from bot.usecases.beginning import AT_ONCE, opens
from bot.usecases.planning import redraw, redrawn
from bot.usecases.proposing import clear, start
from bot.world import World

Members = dict[str, frozenset[str]]  # the people of each team


async def locked(tx: Tx, change_id: int, *ahead: Said) -> Change:
    """Return a change that nobody else decides on until the commit; what will be asked next may be read with it."""
    changes.lock(tx, change_id)
    await tx.read_ahead(changes.asking(change_id), *ahead)
    change = await changes.get(tx, change_id)
    if change is None:
        raise Refused(f"There is no change {change_id}.")
    return change


async def peek(world: World, change_id: int) -> Change:
    """Return a change as it stands, without locking it."""
    change = await changes.get(world.ledger.reading, change_id)
    if change is None:
        raise Refused(f"There is no change {change_id}.")
    return change


async def end(tx: Tx, change: Change, event: Event, *, actor: str) -> Change:
    """Let an event happen to a change; when that ends it, none of its operations will ever begin."""
    change = changes.happen(tx, change, event, actor=actor)
    if change.final:
        for op in await operations.of_change(tx, change.id):
            operations.cancel_queued(tx, op, by=actor)
    return change


async def approve(world: World, change_id: int, *, by: str, patience: timedelta = AT_ONCE) -> Change:
    """Count one person's yes; with enough of them the change starts, in this very process if it can.

    It can where the gates open within the `patience`; where they take longer, the yes is written down without them.
    """
    seen, members = await _deciders(world, change_id)
    last = seen.state is State.WAITING and len(seen.approved_by | {by}) >= seen.approvals_needed
    if last and world.ledger.works and await opens(world, seen, within=patience):
        with suppress(Stale):
            return await _approved(world, seen, by, members, at_once=True)
    return await _approved(world, seen, by, members, at_once=False)


async def _approved(world: World, seen: Change, by: str, members: Members, *, at_once: bool) -> Change:
    async with world.ledger.transaction() as tx:
        change = await locked(tx, seen.id, *planning.asking(seen.plan), *beginning.asking(seen.id))
        check_approval(change, by, members=members, now=tx.now)
        fresh = await redrawn(world, tx, change.plan)
        first = await beginning.first_of(tx, change.id)
        changed = outdated(change.plan, fresh.plan)
        if changed:
            return await end(tx, change, Voided(" ".join(changed)), actor="engine")
        change = await _without_lapsed(tx, change, members)
        changes.vote(tx, change, by, "approve")
        change = changes.happen(tx, change, ApprovedBy(by), actor=by)
        if change.state is State.APPROVED and at_once:
            return beginning.begin(tx, change, first, fresh.releases)
        if change.state is State.APPROVED:
            tx.enqueue(start(change.id))
        return change


async def _without_lapsed(tx: Tx, change: Change, members: Members) -> Change:
    """Take back the approvals of those who have lost the say since they gave them."""
    for person in lapsed(change, members=members):
        changes.vote(tx, change, person, "lapsed", f"no longer in {' or '.join(change.plan.approvers)}")
        change = changes.happen(tx, change, Lapsed(person), actor="engine")
    return change


async def _deciders(world: World, change_id: int) -> tuple[Change, Members]:
    """Return a change, and the people of each team that decides on it; asked before it is locked: Slack may be slow."""
    change = await peek(world, change_id)
    return change, await world.members(world.catalog.approvers(change.environment))


async def check_reject(world: World, change_id: int, *, by: str) -> Change:
    """Refuse at once somebody whose no would not count, before they are asked for a reason."""
    change, members = await _deciders(world, change_id)
    check_vote(change, by, members=members, now=world.clock.now())
    return change


async def reject(world: World, change_id: int, *, by: str, reason: str) -> Change:
    """Count one person's no, which is enough; their earlier yes, if any, is taken back by it."""
    if not reason.strip():
        raise Refused("Say in a few words why, so that the others know what to mend.")
    _, members = await _deciders(world, change_id)
    async with world.ledger.transaction() as tx:
        change = await locked(tx, change_id)
        check_vote(change, by, members=members, now=tx.now)
        words = world.mask(reason)
        changes.vote(tx, change, by, "reject", words)
        return await end(tx, change, RejectedBy(by, words), actor=by)


async def cancel(world: World, change_id: int, *, by: str) -> Change:
    """Take a change back: at once before it runs; after, as far as nothing has moved yet."""
    seen = await peek(world, change_id)
    if by != seen.asked_by:
        allowed = world.catalog.cancellers(seen.environment)
        await world.require(by, allowed, f"cancel change {change_id}, which somebody else asked for")
    async with world.ledger.transaction() as tx:
        change = await locked(tx, change_id)
        if change.stop_asked_by is not None and not change.final:
            raise Refused(f"Change {change_id} is being stopped already.")
        change = await end(tx, change, Stopped(by), actor=by)
        for op in await operations.of_change(tx, change_id):
            if op.state is OperationState.QUEUED:
                tx.enqueue(operations.conclude(operations.cancel_queued(tx, op, by=by)))
            elif not op.final:
                tx.enqueue(operations.advance(op))  # the engine stops it where it can tell that nothing has moved
        return change


async def go_on(world: World, change_id: int, *, by: str) -> Change:
    """Go on with the rest of a change although an operation failed."""
    seen = await peek(world, change_id)
    await world.require(by, world.catalog.deployers(seen.environment), f"go on with a change of {seen.environment}")
    closed = await _closed(world, seen)
    async with world.ledger.transaction() as tx:
        change = await locked(tx, change_id)
        ops = await operations.of_change(tx, change_id)
        if not held(change, [op.state for op in ops]):
            raise Refused(f"Change {change_id} has nothing that waits to go on.")
        if closed:
            raise Refused(f"Change {change_id} cannot go on. {closed}")
        change = changes.happen(tx, change, WentOn(by), actor=by)
        for op in ops:
            if op.state is OperationState.QUEUED:
                await operations.make_ready(tx, op)
                break
        return change


async def _closed(world: World, change: Change) -> str | None:
    """Say which gates keep the rest of a change from beginning, or None."""
    async with world.ledger.transaction() as tx:
        rest = {op.position for op in await operations.of_change(tx, change.id) if op.state is OperationState.QUEUED}
    return await gates.closed(world, change.plan, rest)


async def settle(world: World, operation_id: int, *, by: str, succeeded: bool) -> Operation:
    """Say how an unknown operation ended: a person has looked."""
    async with world.ledger.transaction() as tx:
        op = await operations.get(tx, operation_id)
        change = await changes.get(tx, op.change_id) if op else None
    if op is None or change is None:
        raise Refused(f"There is no operation {operation_id}.")
    allowed = world.catalog.responsible(change.environment)
    await world.require(by, allowed, f"say how an operation in {change.environment} ended")
    async with world.ledger.transaction() as tx:
        return await write_settled(tx, op, by=by, succeeded=succeeded)


async def write_settled(tx: Tx, op: Operation, *, by: str, succeeded: bool) -> Operation:
    """Write down within a transaction how an unknown operation ended; `Refused` when it no longer is unknown."""
    change = await locked(tx, op.change_id)
    fresh = await operations.get(tx, op.id)
    assert fresh is not None  # noqa: S101 - operations are never deleted
    op = operations.happen(tx, fresh, OperationSettled(by, succeeded), actor=by)
    await marking.settled(tx, op, change)
    if change.state is State.UNKNOWN:
        changes.happen(tx, change, Settled(by), actor=by)
    tx.enqueue(operations.advance(op))
    return op


async def leave(tx: Tx, plan: Plan, *, by: str) -> None:
    """Settle as failed what is unknown where a rollback begins: who asked for it has decided that it is not to stay."""
    for planned in plan.operations:
        lost = planned.seen.unknown if plan.kind is Kind.ROLLBACK and planned.seen else None
        op = await operations.get(tx, lost) if lost is not None else None
        if op is not None and op.state is OperationState.UNKNOWN:
            await write_settled(tx, op, by=by, succeeded=False)


async def expire(world: World, change_id: int) -> None:
    """Let a change expire whose question has stayed open too long."""
    async with world.ledger.transaction() as tx:
        change = await locked(tx, change_id)
        late = change.expires_at is not None and change.expires_at <= tx.now
        if late and change.state in {State.WAITING, State.BLOCKED}:
            await end(tx, change, Expired(), actor="engine")


async def resume(world: World, change_id: int, *, by: str) -> Change:
    """Have the gates of a blocked change asked again, because somebody with a right to it says so."""
    seen = await peek(world, change_id)
    if seen.state is not State.BLOCKED:
        raise Refused(f"Change {change_id} is not blocked: it is {seen.state.replace('_', ' ')}.")
    if by != seen.asked_by:
        await world.require(by, world.catalog.responsible(seen.environment), f"have change {change_id} checked again")
    return await check_again(world, change_id)


async def check_again(world: World, change_id: int) -> Change:
    """Ask the gates of a blocked change again; one whose plan no longer describes the world is void."""
    seen = await peek(world, change_id)
    if seen.state is not State.BLOCKED:
        return seen
    changed = outdated(seen.plan, await redraw(world, seen.plan))
    results = [] if changed else await gates.evaluate(world, seen.plan)
    async with world.ledger.transaction() as tx:
        change = await locked(tx, change_id)
        if change.state is not State.BLOCKED:
            return change
        if change.expires_at is not None and change.expires_at <= tx.now:
            return await end(tx, change, Expired(), actor="engine")
        if changed:
            return await end(tx, change, Voided(" ".join(changed)), actor="engine")
        if obstacle(results) is None:
            await leave(tx, change.plan, by=change.asked_by)
        return await clear(world, tx, change, results)


async def void_if_outdated(world: World, change_id: int) -> None:
    """Void a waiting change whose plan no longer describes the world, and say on its card what changed."""
    seen = await peek(world, change_id)
    if seen.state is not State.WAITING:
        return
    changed = outdated(seen.plan, await redraw(world, seen.plan))
    if not changed:
        return
    async with world.ledger.transaction() as tx:
        change = await locked(tx, change_id)
        if change.state is State.WAITING:
            await end(tx, change, Voided(" ".join(changed)), actor="engine")


async def waiting_on(world: World, target: Target) -> list[int]:
    """Return the numbers of the changes that wait for approval and touch a target."""
    async with world.ledger.transaction() as tx:
        open_here = await changes.open_in(tx, target.environment)
    return [
        change.id
        for change in open_here
        if change.state is State.WAITING and any(op.service == target.service for op in change.plan.operations)
    ]
