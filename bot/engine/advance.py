"""Moving one operation along: claim its target, then step by step until it ends.

Every move is one short transaction (two around a mutation) that reads the operation anew, so the job may be killed
anywhere and run again by anybody. Every write is fenced by the revision it read: a worker that was overtaken gets
`Stale` and stops.
"""

import asyncio
from datetime import timedelta

import structlog

from bot.domain.change import State as ChangeState
from bot.domain.crossing import what_ran
from bot.domain.operation import HOLDS_TARGET, Cancelled, Failed, Kind, Started, State
from bot.domain.outdated import barred, named, overtaken
from bot.domain.plan import PlannedRelease
from bot.domain.standing import Glance, Live
from bot.engine import outcomes
from bot.engine.stepping import Stepper
from bot.ledger import changes, crossings, operations, releases, targets
from bot.ledger.ledger import Stale, Tx
from bot.usecases import gates, picture
from bot.usecases.picture import Picture
from bot.usecases.planning import step_kinds
from bot.world import World

MOVING = HOLDS_TARGET - {State.UNKNOWN}
FRESH = timedelta(seconds=10)  # what the gates said when a change began holds so long for the operations to come

log = structlog.get_logger(__name__)


class Mover:
    """Moves operations along; `stop` ends every job after the move it is in."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._kinds = step_kinds()
        self._stepper = Stepper(world, self._kinds)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Begin no further move; what is open is taken up by the next process."""
        self._stopping.set()

    async def advance(self, operation_id: int, known: object = None) -> None:
        """Move an operation along until it ends, waits for its target or for a person, or the process stops.

        What is `known` is an intent that this process has just committed: nobody else can have acted on it.
        """
        try:
            if isinstance(known, Picture):
                await self._rest(await self._stepper.act(known) or outcomes.NOW)
            while not self._stopping.is_set():
                wait = await self._move(operation_id)
                if wait is None:
                    return
                if wait:
                    await self._rest(wait)
        except Stale:
            log.info("overtaken", operation=operation_id)

    async def _rest(self, wait: timedelta) -> None:
        """Wait on the clock, but not longer than until the process stops."""
        sleeping = asyncio.ensure_future(self.world.clock.sleep(wait))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            stopping.cancel()

    async def _move(self, operation_id: int) -> timedelta | None:
        """Make one move; return how long to wait before the next, or None when there is none to make."""
        async with self.world.ledger.transaction() as tx:
            seen = await picture.take(tx, operation_id)
            if seen is None:
                return None
            step, late = seen.next_step, self._late(seen)
            if not late and (step is None or seen.op.state not in MOVING or self._stopped(seen)):
                changes.lock(tx, seen.change.id)
                return await self._turn(tx, seen)
        return await self._stepper.move(seen, step) if step and not late else await self._begin_late(seen)

    def _late(self, seen: Picture) -> bool:
        """Whether an operation may begin so long after its change that what the gates said then is old."""
        began = seen.change.started_at
        return seen.op.state is State.QUEUED and began is not None and self.world.clock.now() - began > FRESH

    async def _begin_late(self, seen: Picture) -> timedelta | None:
        """Ask the gates of a queued operation again, and start it if they open and it is its turn."""
        closed = await gates.closed(self.world, seen.change.plan, {seen.op.position})
        async with self.world.ledger.transaction() as tx:
            changes.lock(tx, seen.change.id)
            again = await picture.take(tx, seen.op.id)
            if again is None or again.op.state is not State.QUEUED:
                return outcomes.NOW if again else None
            return await self._claim(tx, again, closed)

    def _stopped(self, seen: Picture) -> bool:
        return seen.change.stop_asked_by is not None and not seen.turned(self._kinds)

    async def _turn(self, tx: Tx, seen: Picture) -> timedelta | None:
        """Make a move that is a matter of the ledger alone: begin, end, or be taken back."""
        if seen.op.state is State.QUEUED:
            return await self._claim(tx, seen)
        if seen.op.state not in MOVING:
            await outcomes.ended(tx, seen.op)
        elif self._stopped(seen):
            event = Cancelled(seen.change.stop_asked_by or "")
            await outcomes.ended(tx, operations.happen(tx, seen.op, event, actor="engine"))
        else:
            await outcomes.all_done(tx, seen)
        return None

    async def _claim(self, tx: Tx, seen: Picture, closed: str | None = None) -> timedelta | None:
        """Start a queued operation if it is its turn and its target is free; where a gate is `closed`, it fails."""
        op, change = seen.op, seen.change
        if change.stop_asked_by or change.final:
            await outcomes.ended(tx, operations.cancel_queued(tx, op, by=change.stop_asked_by or "engine"))
            return None
        if op.ready_at is None or change.state is not ChangeState.RUNNING:
            return None
        queue = await operations.queue_of(tx, op.target)
        if queue and queue[0].id != op.id:
            return None
        taken = await operations.take_target(tx, op, Started())
        if taken is None:
            return None
        now = await targets.live(tx, op.target)
        barrier = closed or await _barrier(self.world, tx, seen, now)
        if barrier is not None:
            failed = operations.happen(tx, taken, Failed(barrier), actor="engine")
            await outcomes.ended(tx, await operations.never_began(tx, failed))
        elif op.kind is Kind.DEPLOY:
            await operations.starts_from(tx, taken, now.release_id if now else None)
        return outcomes.NOW if barrier is None else None


async def _barrier(world: World, tx: Tx, seen: Picture, now: Live | None) -> str | None:
    """Say why an operation whose turn has come may not begin any more, or None: the world has moved while it waited."""
    planned = seen.change.plan.operations[seen.op.position]
    if not world.catalog.knows(seen.op.target):
        return f"{seen.op.target} is no longer in the catalog."
    hold = (await targets.holds_on(tx, seen.op.target)).get(seen.op.to_release)
    if hold is not None and seen.op.kind.brings and not named(planned, hold):
        return barred(planned, hold)
    return await _overtaken(tx, seen, now) or await _migrated(tx, seen)


async def _migrated(tx: Tx, seen: Picture) -> str | None:
    """Say which irreversible migration has begun since a rollback was asked for, or None."""
    op, known = seen.op, seen.change.plan.operations[seen.op.position].across or ()
    if op.kind is not Kind.ROLLBACK:
        return None
    crossed = (await crossings.between(tx, op.target, [op.to_release]))[op.to_release]
    fresh = crossed[len(known) :]
    return f"Since this was asked for, {what_ran(fresh)} Look at it, and ask again." if fresh else None


async def _overtaken(tx: Tx, seen: Picture, now: Live | None) -> str | None:
    """Say what has gone live on the target since people decided, or None when that is no reason to stop."""
    op, change = seen.op, seen.change
    live = await releases.get(tx, now.release_id) if now and now.release_id else None
    if change.approvals_needed:
        moved = (live.id if live else None) != op.from_release
    else:
        glance = Glance(now.release_id, now.operation_id) if now else Glance()
        planned = change.plan.operations[op.position]
        moved = overtaken(op.kind, planned, PlannedRelease.of(live) if live else None, glance)
    deed = "approved" if change.approvals_needed else "asked for"
    then, today = (one.version if one else "nothing" for one in (seen.before, live))
    return f"it was {deed} while {then} was live; {today} is live now. Ask again." if moved else None


async def take_up(tx: Tx, *, everything: bool = False) -> None:
    """Have the open operations moved on that nobody has looked at for long; at a start, every open one."""
    ops = await operations.due(tx, everything=everything)
    for op in ops:
        operations.look_again(tx, op)
    await tx.take_up([operations.advance(op) for op in ops])
