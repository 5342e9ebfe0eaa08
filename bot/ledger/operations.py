"""Operations: attempts on targets, in their queue."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from psycopg.errors import UniqueViolation
from sqlalchemy import BindParameter, ColumnElement, RowMapping, bindparam, insert, or_, select, update

from bot.domain.operation import FINAL, HOLDS_TARGET, Cancelled, Event, Kind, Operation, Started, State, evolve
from bot.domain.target import Target
from bot.ledger import cards
from bot.ledger.ledger import Stale, Tx
from bot.ledger.queue import URGENT, Job
from bot.ledger.schema import changes, targets
from bot.ledger.schema import operations as table
from bot.ledger.statement import Row, Statement
from bot.ledger.states import written_out

AUDIT = timedelta(seconds=60)  # an open operation that nobody has looked at for this long is taken up again


_ITS, _SEEN = table.c.id == bindparam("its_id"), table.c.revision == bindparam("seen")
_MOVING = ("state", "going_back", "reason", "settled_by", "started_at", "finished_at", "due_at")
_GET = Statement(select(table).where(_ITS))
_OF_CHANGE = Statement(select(table).where(table.c.change_id == bindparam("change")).order_by(table.c.position))
_HAPPEN = Statement(
    update(table)
    .where(_ITS, _SEEN)
    .values({**{name: bindparam(name) for name in _MOVING}, "revision": table.c.revision + 1})
    .returning(table)
)


def _free() -> list[ColumnElement[bool]]:
    """Say in SQL that nobody has a target or waits for it, and that what is live there is what was planned."""
    other = table.alias()
    service: BindParameter[str] = bindparam("on_service")
    environment: BindParameter[str] = bindparam("on_environment")
    on_target = (other.c.service == service) & (other.c.environment == environment)
    holds = other.c.state.in_(written_out(HOLDS_TARGET))
    waits = other.c.state.in_(written_out([State.QUEUED])) & other.c.ready_at.is_not(None)
    live = select(targets.c.release_id).where(targets.c.service == service, targets.c.environment == environment)
    return [
        ~select(other.c.id).where(on_target, holds).exists(),
        ~select(other.c.id).where(on_target, waits).exists(),
        live.scalar_subquery().is_not_distinct_from(bindparam("leaves")),
    ]


_CLAIM = Statement(
    update(table)
    .where(_ITS, _SEEN, table.c.ready_at.is_(None), *_free())
    .values(
        state=bindparam("state"),
        ready_at=bindparam("now"),
        started_at=bindparam("now"),
        due_at=bindparam("due_at"),
        revision=table.c.revision + 1,
    )
    .returning(table)
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
    return read((await tx.connection.execute(insert(table).values(values).returning(table))).mappings().one())


async def get(tx: Tx, operation_id: int) -> Operation | None:
    """Return an operation by its number, or None."""
    row = await tx.row(_GET, its_id=operation_id)
    return read(row) if row else None


async def of_change(tx: Tx, change_id: int) -> list[Operation]:
    """Return a change's operations in order."""
    return [read(row) for row in await tx.rows(_OF_CHANGE, change=change_id)]


async def happen(tx: Tx, op: Operation, event: Event, *, actor: str) -> Operation:
    """Let an event happen to an operation: decide, write (fenced), record it, and have its change repainted."""
    after = evolve(op, event)
    values = {
        "state": after.state,
        "going_back": after.going_back,
        "reason": after.reason,
        "settled_by": after.settled_by,
        "started_at": op.started_at or (tx.now if after.state is State.RUNNING else None),
        "finished_at": tx.now if after.final else None,
        "due_at": None if after.final or after.state is State.UNKNOWN else tx.now + AUDIT,
    }
    row = await tx.row(_HAPPEN, its_id=op.id, seen=op.revision, **values)
    if row is None:
        raise Stale
    _told(tx, after, event, actor=actor)
    return read(row)


def _told(tx: Tx, after: Operation, event: Event, *, actor: str) -> None:
    """Record what happened to an operation, and have its change repainted."""
    kind, urgent = f"operation.{type(event).__name__.lower()}", after.state in FINAL | {State.UNKNOWN, State.RUNNING}
    about = {"change": after.change_id, "state": after.state, "reason": after.reason}
    tx.record(kind, actor=actor, subject=subject(after.id), **about)
    cards.touch(tx, f"change:{after.change_id}", urgent=urgent)


async def cancel_queued(tx: Tx, op: Operation, *, by: str) -> Operation:
    """Take an operation back that has not begun; nothing happens to one that has."""
    return await happen(tx, op, Cancelled(by), actor=by) if op.state is State.QUEUED else op


async def take_target(tx: Tx, op: Operation, event: Event) -> Operation | None:
    """Start an operation if its target is free; None when another one holds it. The database decides, not a check."""
    try:
        async with tx.connection.begin_nested():
            return await happen(tx, op, event, actor="engine")
    except UniqueViolation:
        return None


class Taken(Exception):  # noqa: N818 - it is a fact about the target, not an error
    """The target, or its next turn, is somebody else's, or not what it was."""


async def claim(tx: Tx, op: Operation) -> Operation:
    """Start an operation at once on a target that is free, and still as it was when it was planned; else `Taken`.

    Nothing else can be said in a transaction after `Taken`: it is for those who then go the long way, by the queue.
    """
    started = evolve(op, Started())
    place = {"on_service": op.target.service, "on_environment": op.target.environment, "leaves": op.from_release}
    values = {"state": started.state, "now": tx.now, "due_at": tx.now + AUDIT}
    try:
        row = await tx.row(_CLAIM, its_id=op.id, seen=op.revision, **place, **values)
    except UniqueViolation as error:
        raise Taken from error
    if row is None:
        raise Taken
    _told(tx, started, Started(), actor="engine")
    return read(row)


async def starts_from(tx: Tx, op: Operation, release_id: int | None) -> Operation:
    """Note what is live on the target as the operation begins: where going back leads, and what a rollback leaves."""
    query = update(table).where(table.c.id == op.id).values(from_release=release_id).returning(table)
    return read((await tx.connection.execute(query)).mappings().one())


async def make_ready(tx: Tx, op: Operation) -> None:
    """Put an operation into its target's queue: all it had to wait for is done."""
    query = (
        update(table)
        .where(table.c.id == op.id, table.c.ready_at.is_(None))
        .values(ready_at=tx.now, due_at=tx.now + AUDIT)
    )
    await tx.connection.execute(query)
    tx.enqueue(advance(op))


async def queue_of(tx: Tx, target: Target) -> list[Operation]:
    """Return the operations that are ready and wait for a target, in the order they will have it."""
    query = (
        select(table)
        .where(table.c.service == target.service, table.c.environment == target.environment)
        .where(table.c.state.in_(written_out([State.QUEUED])), table.c.ready_at.is_not(None))
        .order_by(table.c.ready_at, table.c.id)
    )
    return [read(row) for row in (await tx.connection.execute(query)).mappings()]


async def holder(tx: Tx, target: Target) -> Operation | None:
    """Return the operation that holds a target, or None."""
    query = (
        select(table)
        .where(table.c.service == target.service, table.c.environment == target.environment)
        .where(table.c.state.in_(written_out(HOLDS_TARGET)))
    )
    row = (await tx.connection.execute(query)).mappings().first()
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
    row = (await tx.connection.execute(query)).mappings().first()
    return read(row) if row else None


async def holders(tx: Tx) -> dict[Target, Operation]:
    """Return the operations that hold a target, by their target."""
    rows = await tx.connection.execute(select(table).where(table.c.state.in_(written_out(HOLDS_TARGET))))
    found = [read(row) for row in rows.mappings()]
    return {op.target: op for op in found}


async def look_again(tx: Tx, op: Operation) -> None:
    """Say that somebody is at an open operation: the audit leaves it alone for a while, however this process fares."""
    await tx.connection.execute(update(table).where(table.c.id == op.id).values(due_at=tx.now + AUDIT))


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
    return [read(row) for row in (await tx.connection.execute(query)).mappings()]


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
    return [(read(row), row["asked_by"]) for row in (await tx.connection.execute(query)).mappings()]


async def of_release(tx: Tx, release_id: int, *, most: int = 15) -> list[tuple[Operation, str]]:
    """Return the newest operations that brought a release somewhere, each with who asked for it."""
    query = (
        select(table, changes.c.asked_by)
        .join(changes, changes.c.id == table.c.change_id)
        .where(table.c.to_release == release_id)
        .order_by(table.c.id.desc())
        .limit(most)
    )
    return [(read(row), row["asked_by"]) for row in (await tx.connection.execute(query)).mappings()]
