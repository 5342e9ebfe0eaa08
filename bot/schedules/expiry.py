"""Let questions expire that have stayed open too long."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.ledger import changes
from bot.usecases import decisions
from bot.world import World


async def run(world: World) -> None:
    """Expire what is due."""
    async with world.ledger.transaction() as tx:
        due = await changes.expired(tx, tx.now)
    for change_id in due:
        await decisions.expire(world, change_id)


SCHEDULE = Schedule("expiry", timedelta(seconds=1), run, alone=False)
