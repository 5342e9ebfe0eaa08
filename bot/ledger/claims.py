"""Claiming a target at once: an operation starts in one conditional statement, where nothing stands in its way."""

from dataclasses import replace

from sqlalchemy import BindParameter, ColumnElement, bindparam, select, update

from bot.domain.operation import HOLDS_TARGET, Operation, Started, State, evolve
from bot.ledger.ledger import Tx
from bot.ledger.operations import AUDIT, told
from bot.ledger.schema import operations as table
from bot.ledger.schema import targets
from bot.ledger.statement import Statement
from bot.ledger.states import written_out

_ITS, _SEEN = table.c.id == bindparam("its_id"), table.c.revision == bindparam("seen")


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
)


def claim(tx: Tx, op: Operation) -> Operation:
    """Start an operation at once on a target that is free, and still as it was when it was planned.

    Where it is not, `Stale` ends the transaction; then it goes the long way, by the queue.
    """
    started = evolve(op, Started())
    place = {"on_service": op.target.service, "on_environment": op.target.environment, "leaves": op.from_release}
    values = {"state": started.state, "now": tx.now, "due_at": tx.now + AUDIT}
    tx.write(_CLAIM, its_id=op.id, seen=op.revision, **place, **values)
    told(tx, started, Started(), actor="engine")
    return replace(started, revision=op.revision + 1, ready_at=tx.now, started_at=tx.now)
