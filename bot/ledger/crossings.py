"""Irreversible migrations as the ledger remembers them, in the steps of operations, and the copies made before them."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Select, and_, case, or_, select

from bot.domain import backup
from bot.domain.crossing import Crossing, irreversible
from bot.domain.step import Step
from bot.domain.target import Target
from bot.ledger import steps
from bot.ledger.ledger import Tx
from bot.ledger.schema import operations as ops
from bot.ledger.schema import releases
from bot.ledger.schema import steps as table
from bot.ledger.states import written_out

MOST = 500  # steps of a kind on a target that are looked through, the newest

Moment = tuple[datetime, int, int]  # a time, and of what falls into one the operation and the place in it
LAST = 1 << 31  # after every step of its operation
NEVER: Moment = (datetime.min.replace(tzinfo=UTC), 0, 0)


async def between(
    tx: Tx, target: Target, release_ids: Collection[int], *, strangers: bool = True
) -> dict[int, tuple[Crossing, ...]]:
    """Return what stands between a target and each of these releases, by release; oldest first, () where nothing does.

    Of a release that was never good there, every migration counts; or none without `strangers`: it is new there.
    """
    ran = [(version, step) for version, step in await _steps(tx, target, "migrate") if irreversible(step)]
    if not ran:
        return dict.fromkeys(release_ids, ())
    copies = [(_ended(step), made) for _, step in await _steps(tx, target, "backup") if (made := backup.of(step))]
    good = await _last_good(tx, target, release_ids)
    return {
        number: tuple(
            Crossing(version, step.name, began[0], next((copy for at, copy in reversed(copies) if at < began), None))
            for version, step in ran
            if (began := _began(step)) > good.get(number, NEVER)
        )
        if strangers or number in good
        else ()
        for number in release_ids
    }


def _began(step: Step) -> Moment:
    return (step.started_at or NEVER[0], step.operation_id, step.position)


def _ended(step: Step) -> Moment:
    return (step.finished_at or NEVER[0], step.operation_id, step.position)


async def _steps(tx: Tx, target: Target, kind: str) -> list[tuple[str, Step]]:
    """Return the steps of a kind that began on a target, oldest first, each with the version that it was for."""
    query = (
        _on(target, select(table, releases.c.version))
        .where(table.c.kind == kind, table.c.started_at.is_not(None))
        .order_by(ops.c.id.desc(), table.c.position.desc())
        .limit(MOST)
    )
    rows = (await tx.execute(query)).mappings().all()
    return [(row["version"], steps.read(row)) for row in reversed(rows)]


def _on(target: Target, query: Select[tuple[object]]) -> Select[tuple[object]]:
    joined = table.join(ops, ops.c.id == table.c.operation_id).join(releases, releases.c.id == ops.c.to_release)
    return query.select_from(joined).where(ops.c.service == target.service, ops.c.environment == target.environment)


async def _last_good(tx: Tx, target: Target, release_ids: Collection[int]) -> dict[int, Moment]:
    """Return when each of these releases was last found good on a target: brought there, or gone back to."""
    succeeded, went_back = written_out(["succeeded"]), written_out(["rolled_back"])
    release = case((ops.c.state.in_(succeeded), ops.c.to_release), else_=ops.c.from_release)
    good = or_(
        and_(ops.c.state.in_(succeeded), ops.c.to_release.in_(release_ids)),
        and_(ops.c.state.in_(went_back), ops.c.from_release.in_(release_ids)),
    )
    query = (
        select(release, ops.c.finished_at, ops.c.id)
        .where(ops.c.service == target.service, ops.c.environment == target.environment, good)
        .order_by(ops.c.finished_at, ops.c.id)
    )
    return {row[0]: (row[1], row[2], LAST) for row in await tx.execute(query)}  # the last of each stays
