"""Targets: what the ledger says is live, what was last observed there, and which releases are held off."""

from sqlalchemy import BindParameter, RowMapping, bindparam, case, false, select, true, union_all, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.observation import Observed
from bot.domain.operation import Operation, State
from bot.domain.standing import Hold, Live
from bot.domain.target import Target
from bot.ledger.ledger import Tx
from bot.ledger.schema import holds, operations
from bot.ledger.schema import targets as table
from bot.ledger.statement import Statement
from bot.ledger.states import written_out

_HERE: BindParameter[str] = bindparam("here")
_TAKEN_FOR_LIVE = Statement(
    union_all(
        select(table.c.service, table.c.release_id, false().label("lost")).where(table.c.environment == _HERE),
        select(operations.c.service, operations.c.to_release, true()).where(
            operations.c.environment == _HERE, operations.c.state.in_(written_out([State.UNKNOWN]))
        ),
    )
)


def read(row: RowMapping) -> Live:
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


async def live(tx: Tx, target: Target) -> Live | None:
    """Return what is known of a target; None when nothing was ever put there."""
    query = select(table).where(table.c.service == target.service, table.c.environment == target.environment)
    row = (await tx.connection.execute(query)).mappings().first()
    return read(row) if row else None


async def everything(tx: Tx) -> dict[Target, Live]:
    """Return what is known of every target."""
    found = [read(row) for row in (await tx.connection.execute(select(table))).mappings()]
    return {one.target: one for one in found}


async def taken_for_live(tx: Tx, environment: str) -> dict[str, int]:
    """Return the number of the release that is taken to be live on each target of an environment, by service.

    While an operation is unknown on a target, that is what it was bringing: it is what a rollback would leave.
    """
    rows = await tx.rows(_TAKEN_FOR_LIVE, here=environment)
    known = {str(row["service"]): row["release_id"] for row in rows if not row["lost"]}
    lost = {str(row["service"]): row["release_id"] for row in rows if row["lost"]}
    return {service: release for service, release in {**known, **lost}.items() if isinstance(release, int)}


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
    since = case((table.c.release_id == release_id, table.c.since), else_=made.excluded.since)
    upsert = made.on_conflict_do_update(index_elements=list(where), set_=values | {"since": since})
    await tx.connection.execute(upsert)
    tx.record("target.live", actor="engine", subject=f"target:{op.target}", release=release_id, operation=op.id)


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
    await tx.connection.execute(made)


async def hold(tx: Tx, target: Target, release_id: int, *, change_id: int, by: str, reason: str) -> None:
    """Hold a faulty release off a target, so that automation does not bring it back."""
    values = {
        "service": target.service,
        "environment": target.environment,
        "release_id": release_id,
        "change_id": change_id,
        "by": by,
        "reason": reason,
        "at": tx.now,
    }
    standing = (
        insert(holds)
        .values(values)
        .on_conflict_do_nothing(
            index_elements=["environment", "service", "release_id"], index_where=holds.c.lifted_at.is_(None)
        )
    )
    await tx.connection.execute(standing)
    tx.record("target.hold", actor=by, subject=f"target:{target}", release=release_id, reason=reason, change=change_id)


async def lift(tx: Tx, target: Target, release_id: int, *, by: str) -> None:
    """Lift the hold on a release: somebody named it and it went well."""
    query = (
        update(holds)
        .where(holds.c.service == target.service, holds.c.environment == target.environment)
        .where(holds.c.release_id == release_id, holds.c.lifted_at.is_(None))
        .values(lifted_at=tx.now, lifted_by=by)
    )
    if (await tx.connection.execute(query.returning(holds.c.id))).first() is not None:
        tx.record("target.lift", actor=by, subject=f"target:{target}", release=release_id)


async def holds_on(tx: Tx, target: Target) -> dict[int, Hold]:
    """Return the releases that are held off a target, by their number."""
    query = (
        select(holds)
        .where(holds.c.service == target.service, holds.c.environment == target.environment)
        .where(holds.c.lifted_at.is_(None))
    )
    rows = (await tx.connection.execute(query)).mappings()
    return {
        row["release_id"]: Hold(target, row["release_id"], row["change_id"], row["by"], row["reason"], row["at"])
        for row in rows
    }


async def holds_of(tx: Tx, release_id: int) -> list[Hold]:
    """Return the targets a release is held off."""
    rows = await tx.connection.execute(
        select(holds).where(holds.c.release_id == release_id, holds.c.lifted_at.is_(None)).order_by(holds.c.id)
    )
    return [
        Hold(
            Target(row["service"], row["environment"]),
            release_id,
            row["change_id"],
            row["by"],
            row["reason"],
            row["at"],
        )
        for row in rows.mappings()
    ]
