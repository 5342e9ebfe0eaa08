"""Forget which bytes monitors told, once nobody tells them again."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.ledger import sweeping
from bot.world import World

KEPT = timedelta(days=7)


async def run(world: World) -> None:
    """Sweep in small lots, so that nobody who tells waits for it."""
    swept = sweeping.LOT
    while swept == sweeping.LOT:
        async with world.ledger.transaction() as tx:
            swept = await sweeping.deliveries(tx, before=tx.now - KEPT)


SCHEDULE = Schedule("deliveries", timedelta(hours=1), run)
