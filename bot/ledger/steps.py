"""Steps of operations: the intent and the outcome of everything that is done outside, and their logs."""

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ARRAY, BigInteger, RowMapping, any_, bindparam, func, insert, select, update

from bot.domain.canonical import canonical
from bot.domain.operation import Operation
from bot.domain.pages import MOST_PAGES as MOST_PAGES
from bot.domain.pages import PAGE, pieces
from bot.domain.step import DONE, State, Step
from bot.ledger import cards
from bot.ledger.ledger import Tx
from bot.ledger.schema import logs, operations
from bot.ledger.schema import steps as table
from bot.ledger.statement import Row, Said, Statement

_MOVING = ("state", "progress", "detail", "log_offset", "started_at", "finished_at")
_OF_OPERATIONS = Statement(
    select(table)
    .where(table.c.operation_id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(table.c.operation_id, table.c.position)
)
_OF_CHANGE = Statement(
    select(table)
    .join(operations, operations.c.id == table.c.operation_id)
    .where(operations.c.change_id == bindparam("change"))
    .order_by(table.c.operation_id, table.c.position)
)
_WRITE = Statement(
    update(table)
    .where(table.c.id == bindparam("its_id"), table.c.revision == bindparam("seen"))
    .values({**{name: bindparam(name) for name in _MOVING}, "revision": table.c.revision + 1})
)


def read(row: Row | RowMapping) -> Step:
    """Return the step of a row."""
    return Step(
        id=row["id"],
        operation_id=row["operation_id"],
        position=row["position"],
        kind=row["kind"],
        name=row["name"],
        key=row["key"],
        back=row["back"],
        options=json.loads(row["options"]),
        state=State(row["state"]),
        progress=json.loads(row["progress"]),
        detail=row["detail"],
        log_offset=row["log_offset"],
        revision=row["revision"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )


async def add(tx: Tx, steps: Sequence[Step]) -> None:
    """Write new steps down, pending."""
    rows = [
        {
            "operation_id": step.operation_id,
            "position": step.position,
            "kind": step.kind,
            "name": step.name,
            "key": step.key,
            "back": step.back,
            "options": canonical(step.options),
            "state": State.PENDING,
        }
        for step in steps
    ]
    if rows:
        await tx.execute(insert(table), rows)


def asking_of_change(change_id: int) -> Said:
    """Return what `of_change` says, to be read ahead."""
    return _OF_CHANGE, {"change": change_id}


async def of_change(tx: Tx, change_id: int) -> list[Step]:
    """Return the steps of all operations of a change, each operation's in order."""
    return [read(row) for row in await tx.rows(_OF_CHANGE, change=change_id)]


def asking_of_operations(operation_ids: Sequence[int]) -> Said:
    """Return what `of_operations` says, to be read ahead."""
    return _OF_OPERATIONS, {"ids": list(operation_ids)}


async def of_operations(tx: Tx, operation_ids: Sequence[int]) -> dict[int, list[Step]]:
    """Return the steps of operations, in order, by operation."""
    found: dict[int, list[Step]] = {number: [] for number in operation_ids}
    for step in map(read, await tx.rows(_OF_OPERATIONS, ids=list(operation_ids))):
        found[step.operation_id].append(step)
    return found


def write(tx: Tx, op: Operation, before: Step, after: Step) -> Step:
    """Write a step's new state down (fenced), record a change of state, and have the card repainted."""
    moved = after.state is not before.state
    ended = after.state in DONE | {State.FAILED}
    after = replace(
        after,
        revision=before.revision + 1,
        started_at=before.started_at or (tx.now if after.state is not State.PENDING else None),
        finished_at=tx.now if ended else None,
    )
    values = {name: getattr(after, name) for name in _MOVING} | {"progress": canonical(after.progress)}
    tx.write(_WRITE, its_id=before.id, seen=before.revision, **values)
    if moved:
        particulars = {"step": after.name, "key": after.key, "state": after.state, "detail": after.detail}
        tx.record("operation.step", actor="engine", subject=f"operation:{op.id}", **particulars)
    if moved or after.detail != before.detail:
        cards.touch(tx, f"change:{op.change_id}")
    return after


async def write_log(tx: Tx, op: Operation, text: str) -> None:
    """Add (masked) text to an operation's log, page by page; pages beyond the last are left to the run's own log."""
    page, used = await _last_page(tx, op.id)
    rows, touched = [], set()
    for line in text.splitlines(keepends=True):
        for piece in pieces(line):
            if used + len(piece) > PAGE:
                page, used = page + 1, 0
            if page > MOST_PAGES:
                break
            rows.append({"operation_id": op.id, "page": page, "text": piece, "at": tx.now})
            used += len(piece)
            touched.add(page)
    if rows:
        await tx.execute(insert(logs), rows)
    for number in sorted(touched):
        await cards.show_log(tx, op, number)


async def _last_page(tx: Tx, operation_id: int) -> tuple[int, int]:
    query = (
        select(logs.c.page, func.sum(func.length(logs.c.text)))
        .where(logs.c.operation_id == operation_id)
        .group_by(logs.c.page)
        .order_by(logs.c.page.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).first()
    return (int(row[0]), int(row[1])) if row else (1, 0)


async def log_page(tx: Tx, operation_id: int, page: int) -> str:
    """Return the text of one page of an operation's log."""
    query = select(logs.c.text).where(logs.c.operation_id == operation_id, logs.c.page == page).order_by(logs.c.id)
    return "".join((await tx.execute(query)).scalars())


def started(step: Step) -> Step:
    """Return the step with its intent noted."""
    return replace(step, state=State.STARTED)
