"""Throwing away what nobody needs any more. What happened (`events`) is never thrown away."""

from datetime import datetime

from sqlalchemy import delete, select, tuple_

from bot.ledger.alert_tables import deliveries as table
from bot.ledger.ledger import Tx

LOT = 5000


async def deliveries(tx: Tx, *, before: datetime) -> int:
    """Throw away a lot of the deliveries that were told last before a time; return how many."""
    key = tuple_(table.c.route, table.c.digest)
    old = select(table.c.route, table.c.digest).where(table.c.last_at < before).limit(LOT)
    return int((await tx.execute(delete(table).where(key.in_(old)))).rowcount)
