"""Targets: what the ledger says is live, what was last observed there, and which releases are held off."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Table, Text, Update, and_, bindparam, case, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.drift import Drift
from bot.domain.observation import Observed
from bot.domain.operation import HOLDS_TARGET, Operation, State
from bot.domain.standing import Glance, Hold, Live, Rest
from bot.domain.target import Target
from bot.ledger.ledger import Tx
from bot.ledger.schema import events, holds, operations
from bot.ledger.schema import targets as table
from bot.ledger.statement import Reads, Row, Said, Statement
from bot.ledger.states import written_out

MAY_GO = "target.may_be_replaced"


def _here(rows: Table) -> list[ColumnElement[bool]]:
    return [rows.c.service == bindparam("at_service"), rows.c.environment == bindparam("at_environment")]


def _with_those_at_it(columns: Sequence[ColumnElement[Any]], states: Iterable[State]) -> Statement:
    """Return the statement that reads a target, whether or not it has a row, and the operations at it in some state."""
    service, environment = bindparam("at_service", type_=Text), bindparam("at_environment", type_=Text)
    here = select(service.label("service"), environment.label("environment")).subquery()
    live = and_(table.c.service == here.c.service, table.c.environment == here.c.environment)
    at_it = and_(
        operations.c.service == here.c.service,
        operations.c.environment == here.c.environment,
        operations.c.state.in_(written_out(states)),
    )
    return Statement(select(*columns).select_from(here.outerjoin(table, live).outerjoin(operations, at_it)))


_GLANCE = _with_those_at_it(
    [
        table.c.release_id.label("live"),
        table.c.operation_id.label("operation"),
        operations.c.id.label("unknown"),
        operations.c.to_release.label("bringing"),
    ],
    [State.UNKNOWN],
)
_STANDS = _with_those_at_it(
    [table.c.release_id, table.c.operation_id, table.c.key, operations.c.id.label("holder")], HOLDS_TARGET
)
_LIVE = Statement(select(table).where(*_here(table)))
_HOLDS_ON = Statement(select(holds).where(*_here(holds), holds.c.lifted_at.is_(None)))


def read(row: Row | RowMapping) -> Live:
    """Return the target of a row."""
    return Live(
        target=Target(row["service"], row["environment"]),
        release_id=row["release_id"],
        operation_id=row["operation_id"],
        key=row["key"],
        by=row["by"],
        since=row["since"],
        phase=row["observed_phase"],
        digest=row["observed_digest"],
        version=row["observed_version"],
        detail=row["observed_detail"],
        observed_at=row["observed_at"],
    )


async def live(tx: Reads, target: Target) -> Live | None:
    """Return what is known of a target; None when nothing was ever put there."""
    row = await tx.row(_LIVE, at_service=target.service, at_environment=target.environment)
    return read(row) if row else None


def asking(target: Target) -> list[Said]:
    """Return what `glance` and `holds_on` say, to be read ahead."""
    here = {"at_service": target.service, "at_environment": target.environment}
    return [(_GLANCE, here), (_HOLDS_ON, here)]


async def glance(tx: Reads, target: Target) -> Glance:
    """Return what a target is taken to run now: one statement, so one moment."""
    row = await tx.row(_GLANCE, at_service=target.service, at_environment=target.environment)
    return Glance(**row) if row else Glance()


async def stands(tx: Reads, target: Target) -> Rest | None:
    """Return what a target runs by the ledger; None while an operation is at it. One statement, so one moment."""
    row = await tx.row(_STANDS, at_service=target.service, at_environment=target.environment)
    if row is None or row["holder"] is not None:
        return None
    return Rest(row["release_id"], row["operation_id"], row["key"])


async def everything(tx: Tx) -> dict[Target, Live]:
    """Return what is known of every target."""
    found = [read(row) for row in (await tx.execute(select(table))).mappings()]
    return {one.target: one for one in found}


async def went_live(tx: Tx, op: Operation, release_id: int, *, key: str, by: str) -> None:
    """Note that a release was seen to serve on the operation's target."""
    values = {
        "release_id": release_id,
        "operation_id": op.id,
        "key": key,
        "by": by,
        "since": tx.now,
        "observed_at": None,  # what was seen before says nothing of what is there now
    }
    where = {"service": op.target.service, "environment": op.target.environment}
    made = insert(table).values(where | values)
    again = table.c.release_id == release_id  # who brings the same again changes nothing of since when, and by whom
    kept = {name: case((again, table.c[name]), else_=made.excluded[name]) for name in ("since", "by")}
    upsert = made.on_conflict_do_update(index_elements=list(where), set_=values | kept)
    await tx.execute(upsert)
    tx.record("target.live", actor="engine", subject=f"target:{op.target}", release=release_id, operation=op.id)


async def restarted(tx: Tx, op: Operation, *, key: str) -> None:
    """Note that what is live was begun anew under a key; it is owed to the operation that brought it, as before."""
    here = and_(table.c.service == op.target.service, table.c.environment == op.target.environment)
    await tx.execute(update(table).where(here).values(key=key, observed_at=None))
    tx.record("target.restarted", actor="engine", subject=f"target:{op.target}", operation=op.id)


def let_be_replaced(tx: Tx, target: Target, drift: Drift, *, by: str) -> None:
    """Note that somebody said that what runs on a target past Slipway may be replaced."""
    tx.record(MAY_GO, actor=by, subject=f"target:{target}", digest=drift.digest, version=drift.version)


async def may_be_replaced(tx: Tx, target: Target, drift: Drift) -> str | None:
    """Return who said that this very drift may be replaced, since something was live there last; None if nobody did."""
    query = (
        select(events.c.kind, events.c.actor, events.c.payload)
        .where(events.c.subject == f"target:{target}")
        .where(events.c.kind.in_([MAY_GO, "target.live", "target.restarted"]))
        .order_by(events.c.id.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).first()
    if row is None or row.kind != MAY_GO:
        return None
    meant = json.loads(row.payload)
    return str(row.actor) if (meant["digest"], meant["version"]) == (drift.digest, drift.version) else None


async def observed(tx: Tx, target: Target, seen: Observed) -> None:
    """Note what was seen on a target."""
    values = {
        "observed_phase": seen.phase,
        "observed_digest": seen.digest,
        "observed_version": seen.version,
        "observed_detail": seen.detail[:500],
        "observed_at": tx.now,
    }
    where = {"service": target.service, "environment": target.environment}
    made = insert(table).values(where | values).on_conflict_do_update(index_elements=list(where), set_=values)
    await tx.execute(made)


async def hold(tx: Tx, target: Target, release_id: int, *, change_id: int, by: str, reason: str) -> None:
    """Hold a faulty release off a target, so that automation does not bring it back.

    A hold that stands there already gives way to the new one: who named the release before did not know of this.
    """
    await tx.execute(_standing(target, release_id).values(lifted_at=tx.now, lifted_by=by))
    values = {
        "service": target.service,
        "environment": target.environment,
        "release_id": release_id,
        "change_id": change_id,
        "by": by,
        "reason": reason,
        "at": tx.now,
    }
    await tx.execute(insert(holds).values(values))
    tx.record("target.hold", actor=by, subject=f"target:{target}", release=release_id, reason=reason, change=change_id)


def _standing(target: Target, release_id: int) -> Update:
    return (
        update(holds)
        .where(holds.c.service == target.service, holds.c.environment == target.environment)
        .where(holds.c.release_id == release_id, holds.c.lifted_at.is_(None))
    )


async def lift(tx: Tx, hold: Hold, *, by: str) -> None:
    """Lift a hold: somebody named the release although it was held off, and it went well."""
    query = update(holds).where(holds.c.id == hold.id, holds.c.lifted_at.is_(None))
    lifted = query.values(lifted_at=tx.now, lifted_by=by).returning(holds.c.id)
    if (await tx.execute(lifted)).first() is not None:
        tx.record("target.lift", actor=by, subject=f"target:{hold.target}", release=hold.release_id)


async def holds_on(tx: Reads, target: Target) -> dict[int, Hold]:
    """Return the releases that are held off a target, by their number."""
    rows = await tx.rows(_HOLDS_ON, at_service=target.service, at_environment=target.environment)
    return {row["release_id"]: _hold(row) for row in rows}


async def with_holds(tx: Tx) -> list[Target]:
    """Return the targets that some release is held off."""
    query = select(holds.c.service, holds.c.environment).where(holds.c.lifted_at.is_(None)).distinct()
    return [Target(row[0], row[1]) for row in await tx.execute(query)]


async def holds_of(tx: Tx, release_id: int) -> list[Hold]:
    """Return the targets a release is held off."""
    rows = await tx.execute(
        select(holds).where(holds.c.release_id == release_id, holds.c.lifted_at.is_(None)).order_by(holds.c.id)
    )
    return [_hold(row) for row in rows.mappings()]


def _hold(row: Row | RowMapping) -> Hold:
    return Hold(
        id=row["id"],
        target=Target(row["service"], row["environment"]),
        release_id=row["release_id"],
        change_id=row["change_id"],
        by=row["by"],
        reason=row["reason"],
        at=row["at"],
    )
