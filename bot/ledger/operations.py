"""Operations: attempts on targets, in their queue."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, bindparam, insert, or_, select, update

from bot.domain.operation import FINAL, HOLDS_TARGET, Cancelled, Event, Kind, Operation, State, evolve
from bot.domain.target import Target
from bot.ledger import cards
from bot.ledger.ledger import Taken, Tx
from bot.ledger.queue import URGENT, Job
from bot.ledger.schema import changes
from bot.ledger.schema import operations as table
from bot.ledger.statement import Reads, Row, Said, Statement
from bot.ledger.states import written_out

AUDIT = timedelta(seconds=60)  # an open operation that nobody has looked at for this long is taken up again
NOTED = timedelta(seconds=10)  # so long is it not noted again that somebody has


_ITS, _SEEN = table.c.id == bindparam("its_id"), table.c.revision == bindparam("seen")
_MOVING = ("state", "going_back", "reason", "settled_by", "started_at", "finished_at")
_GET = Statement(select(table).where(_ITS))
_OF_CHANGE = Statement(select(table).where(table.c.change_id == bindparam("change")).order_by(table.c.position))
_HOLDER = Statement(
    select(table)
    .where(table.c.service == bindparam("at_service"), table.c.environment == bindparam("at_environment"))
    .where(table.c.state.in_(written_out(HOLDS_TARGET)))
)
_HAPPEN = Statement(
    update(table)
    .where(_ITS, _SEEN)
    .values({**{name: bindparam(name) for name in (*_MOVING, "due_at")}, "revision": table.c.revision + 1})
)

_LOOK_AGAIN = Statement(
    update(table)
    .where(_ITS, or_(table.c.due_at.is_(None), table.c.due_at < bindparam("old")))
    .values(due_at=bindparam("due_at"))
)


def subject(operation_id: int) -> str:
    """Return how events and cards name an operation."""
    return f"operation:{operation_id}"


def advance(op: Operation) -> Job:
    """Return the job that moves an operation along."""
    return Job("advance", op.id, lock=f"target:{op.target}")


def conclude(op: Operation) -> Job:
    """Return the job that draws the conclusion from an operation that has ended; it waits for no target."""
    return Job("advance", op.id, priority=URGENT)


def read(row: Row | RowMapping) -> Operation:
    """Return the operation of a row."""
    return Operation(
        id=row["id"],
        change_id=row["change_id"],
        position=row["position"],
        kind=Kind(row["kind"]),
        target=Target(row["service"], row["environment"]),
        from_release=row["from_release"],
        to_release=row["to_release"],
        state=State(row["state"]),
        going_back=row["going_back"],
        reason=row["reason"],
        settled_by=row["settled_by"],
        revision=row["revision"],
        ready_at=row["ready_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )


async def add(tx: Tx, op: Operation) -> Operation:
    """Write a new operation down; return it with its number."""
    values = {
        "change_id": op.change_id,
        "position": op.position,
        "kind": op.kind,
        "service": op.target.service,
        "environment": op.target.environment,
        "from_release": op.from_release,
        "to_release": op.to_release,
        "state": op.state,
    }
    return read((await tx.execute(insert(table).values(values).returning(table))).mappings().one())


def asking(operation_id: int) -> Said:
    """Return what `get` says, to be read ahead."""
    return _GET, {"its_id": operation_id}


async def get(tx: Tx, operation_id: int) -> Operation | None:
    """Return an operation by its number, or None."""
    row = await tx.row(_GET, its_id=operation_id)
    return read(row) if row else None


async def some(tx: Tx, ids: Iterable[int]) -> dict[int, Operation]:
    """Return the operations with these numbers, by number."""
    rows = (await tx.execute(select(table).where(table.c.id.in_(set(ids))))).mappings()
    return {row["id"]: read(row) for row in rows}


def asking_of_change(change_id: int) -> Said:
    """Return what `of_change` says, to be read ahead."""
    return _OF_CHANGE, {"change": change_id}


async def of_change(tx: Tx, change_id: int) -> list[Operation]:
    """Return a change's operations in order."""
    return [read(row) for row in await tx.rows(_OF_CHANGE, change=change_id)]


def happen(tx: Tx, op: Operation, event: Event, *, actor: str) -> Operation:
    """Let an event happen to an operation: decide, write (fenced), record it, and have its change repainted."""
    after = evolve(op, event)
    after = replace(
        after,
        revision=op.revision + 1,
        started_at=op.started_at or (tx.now if after.state is State.RUNNING else None),
        finished_at=tx.now if after.final else None,
    )
    due_at = None if after.final or after.state is State.UNKNOWN else tx.now + AUDIT
    tx.write(_HAPPEN, its_id=op.id, seen=op.revision, due_at=due_at, **{name: getattr(after, name) for name in _MOVING})
    told(tx, after, event, actor=actor)
    return after


def told(tx: Tx, after: Operation, event: Event, *, actor: str) -> None:
    """Record what happened to an operation, and have its change repainted."""
    kind, urgent = f"operation.{type(event).__name__.lower()}", after.state in FINAL | {State.UNKNOWN, State.RUNNING}
    about = {"change": after.change_id, "state": after.state, "reason": after.reason}
    tx.record(kind, actor=actor, subject=subject(after.id), **about)
    cards.touch(tx, f"change:{after.change_id}", urgent=urgent)


def cancel_queued(tx: Tx, op: Operation, *, by: str) -> Operation:
    """Take an operation back that has not begun; nothing happens to one that has."""
    return happen(tx, op, Cancelled(by), actor=by) if op.state is State.QUEUED else op


async def take_target(tx: Tx, op: Operation, event: Event) -> Operation | None:
    """Start an operation if its target is free; None when another one holds it. The database decides, not a check."""
    try:
        await tx.all()
        async with tx.connection.begin_nested():
            taken = happen(tx, op, event, actor="engine")
            await tx.all()
            return taken
    except Taken:
        return None


async def starts_from(tx: Tx, op: Operation, release_id: int | None) -> Operation:
    """Note what is live on the target as the operation begins: where going back leads, and what a rollback leaves."""
    query = update(table).where(table.c.id == op.id).values(from_release=release_id).returning(table)
    return read((await tx.execute(query)).mappings().one())


async def never_began(tx: Tx, op: Operation) -> Operation:
    """Note that an operation had its turn and did not use it: nothing outside was touched."""
    query = update(table).where(table.c.id == op.id).values(started_at=None).returning(table)
    return read((await tx.execute(query)).mappings().one())


async def make_ready(tx: Tx, op: Operation) -> None:
    """Put an operation into its target's queue: all it had to wait for is done."""
    query = (
        update(table)
        .where(table.c.id == op.id, table.c.ready_at.is_(None))
        .values(ready_at=tx.now, due_at=tx.now + AUDIT)
    )
    await tx.execute(query)
    tx.enqueue(advance(op))


async def queue_of(tx: Tx, target: Target) -> list[Operation]:
    """Return the operations that are ready and wait for a target, in the order they will have it."""
    return [op for op in await queued_on(tx, target) if op.ready_at is not None]


async def queued_on(tx: Tx, target: Target) -> list[Operation]:
    """Return the operations that have not begun on a target: those in its queue, then those that others go before."""
    query = (
        select(table)
        .where(table.c.service == target.service, table.c.environment == target.environment)
        .where(table.c.state.in_(written_out([State.QUEUED])))
        .order_by(table.c.ready_at.nulls_last(), table.c.id)
    )
    return [read(row) for row in (await tx.execute(query)).mappings()]


async def brought(tx: Tx, target: Target, release_id: int, *, before: int) -> Operation | None:
    """Return the newest operation before another one that brought a release to a target, or None."""
    query = (
        select(table)
        .where(table.c.to_release == release_id, table.c.id < before, table.c.kind != Kind.RESTART)
        .where(table.c.service == target.service, table.c.environment == target.environment)
        .where(table.c.state.in_(written_out([State.SUCCEEDED, State.FAILED])))
        .order_by(table.c.id.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).mappings().first()
    return read(row) if row else None


async def holder(tx: Reads, target: Target) -> Operation | None:
    """Return the operation that holds a target, or None."""
    row = await tx.row(_HOLDER, at_service=target.service, at_environment=target.environment)
    return read(row) if row else None


async def going_back(tx: Tx, target: Target) -> Operation | None:
    """Return the newest operation that is to take a target back, or is at it, or None."""
    query = (
        select(table)
        .where(table.c.service == target.service, table.c.environment == target.environment)
        .where(or_(table.c.kind == Kind.ROLLBACK, table.c.going_back))
        .where(table.c.state.in_(written_out(set(State) - FINAL - {State.UNKNOWN})))
        .order_by(table.c.id.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).mappings().first()
    return read(row) if row else None


async def ahead_of(tx: Tx, op: Operation) -> list[Operation]:
    """Return what goes before a queued operation on its target, in order; nothing before its own turn to queue."""
    if op.state is not State.QUEUED or op.ready_at is None:
        return []
    at_it, queue = await holder(tx, op.target), await queue_of(tx, op.target)
    place = next((place for place, one in enumerate(queue) if one.id == op.id), 0)
    return [*([at_it] if at_it and at_it.id != op.id else []), *queue[:place]]  # it may have begun since it was read


async def holders(tx: Tx) -> dict[Target, Operation]:
    """Return the operations that hold a target, by their target."""
    rows = await tx.execute(select(table).where(table.c.state.in_(written_out(HOLDS_TARGET))))
    found = [read(row) for row in rows.mappings()]
    return {op.target: op for op in found}


def look_again(tx: Tx, op: Operation) -> None:
    """Say that somebody is at an open operation, if that is news: the audit leaves it alone for a while."""
    tx.say(_LOOK_AGAIN, its_id=op.id, due_at=tx.now + AUDIT, old=tx.now + AUDIT - NOTED)


async def due(tx: Tx, *, everything: bool = False) -> Sequence[Operation]:
    """Return the open operations whose time has come (or all of them), locked so that one replica takes them."""
    query = (
        select(table)
        .where(table.c.state.in_(written_out(set(State) - FINAL - {State.UNKNOWN})))
        .order_by(table.c.due_at)
        .limit(500)
        .with_for_update(skip_locked=True)
    )
    if not everything:
        query = query.where(table.c.due_at <= tx.now)
    return [read(row) for row in (await tx.execute(query)).mappings()]


async def recent(
    tx: Tx, environment: str | None, service: str | None, *, until: datetime | None = None, most: int = 15
) -> list[tuple[Operation, str]]:
    """Return the newest operations, each with who asked for it."""
    query = (
        select(table, changes.c.asked_by)
        .join(changes, changes.c.id == table.c.change_id)
        .order_by(table.c.id.desc())
        .limit(most)
    )
    if environment is not None:
        query = query.where(table.c.environment == environment)
    if service is not None:
        query = query.where(table.c.service == service)
    if until is not None:
        query = query.where(table.c.started_at <= until)
    return [(read(row), row["asked_by"]) for row in (await tx.execute(query)).mappings()]


async def of_release(tx: Tx, release_id: int, *, most: int = 15) -> list[tuple[Operation, str]]:
    """Return the newest operations that brought a release somewhere, each with who asked for it."""
    query = (
        select(table, changes.c.asked_by)
        .join(changes, changes.c.id == table.c.change_id)
        .where(table.c.to_release == release_id)
        .order_by(table.c.id.desc())
        .limit(most)
    )
    return [(read(row), row["asked_by"]) for row in (await tx.execute(query)).mappings()]
