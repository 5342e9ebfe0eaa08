"""Changes and the votes on them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain import plan as plans
from bot.domain.change import ENDED, Change, Event, State, evolve
from bot.domain.operation import Kind
from bot.ledger import cards
from bot.ledger.ledger import Tx
from bot.ledger.schema import approvals, operations
from bot.ledger.schema import changes as table
from bot.ledger.statement import Reads, Row, Said, Statement
from bot.ledger.states import written_out

_VOTES = (
    select(func.array_agg(approvals.c.person))
    .where(approvals.c.change_id == table.c.id, approvals.c.verdict == "approve")
    .scalar_subquery()
    .label("votes")
)


_MOVING = ("state", "words", "stop_asked_by", "go_on", "started_at", "finished_at")
_BALLOT = ("change_id", "person", "verdict", "plan_digest", "reason", "at")
_LOCK = Statement(select(table.c.id).where(table.c.id == bindparam("its_id")).with_for_update())
_GET = Statement(select(table, _VOTES).where(table.c.id == bindparam("its_id")))
_OF_OPERATION = Statement(
    select(table, _VOTES).where(
        table.c.id == select(operations.c.change_id).where(operations.c.id == bindparam("operation")).scalar_subquery()
    )
)
_HAPPEN = Statement(
    update(table)
    .where(table.c.id == bindparam("its_id"), table.c.revision == bindparam("seen"))
    .values({**{name: bindparam(name) for name in _MOVING}, "revision": table.c.revision + 1})
)
_VOTE = upsert(approvals).values({name: bindparam(name) for name in _BALLOT})
_ITS_VOTE: dict[str, Any] = {
    "index_elements": ["change_id", "person"],
    "set_": {name: bindparam(name) for name in _BALLOT},
}
_SAY = Statement(_VOTE.on_conflict_do_update(**_ITS_VOTE))
_SAY_YES = Statement(_VOTE.on_conflict_do_update(**_ITS_VOTE, where=approvals.c.verdict == "lapsed"))
_OPEN = written_out(set(State) - ENDED)  # said so, and not as “none of ENDED”, PostgreSQL expects few


def subject(change_id: int) -> str:
    """Return how events and cards name a change."""
    return f"change:{change_id}"


def read(row: Row | RowMapping) -> Change:
    """Return the change of a row that was selected together with its votes."""
    return Change(
        id=row["id"],
        kind=Kind(row["kind"]),
        environment=row["environment"],
        asked_by=row["asked_by"],
        plan=plans.read(row["plan"]),
        channel=row["channel"],
        reason=row["reason"],
        trigger=row["trigger"],
        state=State(row["state"]),
        approvals_needed=row["approvals_needed"],
        approved_by=frozenset(row["votes"] or ()),
        stop_asked_by=row["stop_asked_by"],
        go_on=row["go_on"],
        words=row["words"],
        revision=row["revision"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )


async def add(tx: Tx, change: Change, *, request_id: int | None) -> int:
    """Write a new change down; return its number. The same request makes one change only."""
    values = {
        "kind": change.kind,
        "environment": change.environment,
        "state": change.state,
        "asked_by": change.asked_by,
        "request_id": request_id,
        "channel": change.channel,
        "reason": change.reason,
        "trigger": change.trigger,
        "plan": change.plan.text,
        "plan_digest": change.plan.digest,
        "approvals_needed": change.approvals_needed,
        "created_at": tx.now,
        "expires_at": change.expires_at,
    }
    return int((await tx.execute(insert(table).values(values).returning(table.c.id))).scalar_one())


def lock(tx: Tx, change_id: int) -> None:
    """Let nobody else decide on a change until the commit.

    Whoever writes rows of a change locks the change first, then its operations, steps and cards in this order: two
    that lock in different orders would wait for each other for ever.
    """
    tx.say(_LOCK, its_id=change_id)


def asking(change_id: int) -> Said:
    """Return what `get` says, to be read ahead."""
    return _GET, {"its_id": change_id}


async def get(tx: Reads, change_id: int) -> Change | None:
    """Return a change by its number, or None."""
    row = await tx.row(_GET, its_id=change_id)
    return read(row) if row else None


def asking_of_operation(operation_id: int) -> Said:
    """Return what `of_operation` says, to be read ahead."""
    return _OF_OPERATION, {"operation": operation_id}


async def of_operation(tx: Reads, operation_id: int) -> Change | None:
    """Return the change that an operation is part of; None when there is no such operation."""
    row = await tx.row(_OF_OPERATION, operation=operation_id)
    return read(row) if row else None


def happen(tx: Tx, change: Change, event: Event, *, actor: str) -> Change:
    """Let an event happen to a change: decide, write (fenced), record it, and have its cards repainted."""
    after = evolve(change, event)
    after = replace(
        after,
        started_at=change.started_at or (tx.now if after.state is State.RUNNING else None),
        finished_at=change.finished_at or (tx.now if after.state in ENDED else None),
    )
    tx.write(_HAPPEN, its_id=change.id, seen=change.revision, **{name: getattr(after, name) for name in _MOVING})
    kind = f"change.{type(event).__name__.lower()}"
    tx.record(kind, actor=actor, subject=subject(change.id), state=after.state, words=after.words)
    cards.touch(tx, subject(change.id), urgent=actor != "engine" or after.final)
    return replace(after, revision=change.revision + 1)


async def set_expiry(tx: Tx, change: Change, at: datetime) -> Change:
    """Say until when the change's question stays open."""
    await tx.execute(update(table).where(table.c.id == change.id).values(expires_at=at))
    return replace(change, expires_at=at)


def vote(tx: Tx, change: Change, person: str, verdict: str, reason: str = "") -> None:
    """Write one person's vote on the change's plan: `approve`, `reject`, or `lapsed` for a yes that counts no more.

    A later no takes their earlier yes back, and so does its lapse; who has the say again may say yes again.
    """
    tx.write(
        _SAY_YES if verdict == "approve" else _SAY,
        change_id=change.id,
        person=person,
        verdict=verdict,
        plan_digest=change.plan.digest,
        reason=reason,
        at=tx.now,
    )


async def votes(tx: Tx, change_id: int) -> Sequence[RowMapping]:
    """Return the votes on a change, oldest first."""
    query = select(approvals).where(approvals.c.change_id == change_id).order_by(approvals.c.at)
    return (await tx.execute(query)).mappings().all()


async def of_request(tx: Tx, request_id: int) -> int | None:
    """Return the number of the change that a request led to, or None."""
    query = select(table.c.id).where(table.c.request_id == request_id)
    return (await tx.execute(query)).scalar_one_or_none()


async def open_in(tx: Tx, environment: str | None = None) -> list[Change]:
    """Return the changes that have not ended, oldest first."""
    query = select(table, _VOTES).where(table.c.state.in_(_OPEN)).order_by(table.c.id)
    if environment is not None:
        query = query.where(table.c.environment == environment)
    return [read(row) for row in (await tx.execute(query)).mappings()]


async def expired(tx: Tx, now: datetime) -> list[int]:
    """Return the numbers of changes whose question has stayed open too long."""
    query = select(table.c.id).where(
        table.c.expires_at <= now, table.c.state.in_(written_out([State.WAITING, State.BLOCKED]))
    )
    return list((await tx.execute(query)).scalars())


async def counts(tx: Tx) -> dict[str, int]:
    """Return how many open changes stand in each state."""
    query = select(table.c.state, func.count()).where(table.c.state.in_(_OPEN)).group_by(table.c.state)
    return {row[0]: row[1] for row in await tx.execute(query)}
