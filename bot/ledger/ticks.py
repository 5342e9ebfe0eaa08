"""Ticks: which due time of which schedule has been taken, so that many replicas tick and one acts."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from bot.ledger.ledger import Tx
from bot.ledger.schema import ticks as table


async def take(tx: Tx, schedule: str, due_at: datetime) -> bool:
    """Take a due time of a schedule; False when somebody else has. Older due times are forgotten."""
    made = insert(table).values(schedule=schedule, due_at=due_at).on_conflict_do_nothing()
    if (await tx.execute(made.returning(table.c.due_at))).first() is None:
        return False
    await tx.execute(delete(table).where(table.c.schedule == schedule, table.c.due_at < due_at))
    return True


async def last(tx: Tx, schedule: str) -> datetime | None:
    """Return the last due time that was taken, or None."""
    query = select(func.max(table.c.due_at)).where(table.c.schedule == schedule)
    newest: datetime | None = (await tx.execute(query)).scalar_one_or_none()
    return newest
