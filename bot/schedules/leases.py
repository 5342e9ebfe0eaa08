"""Ask those who acknowledged an alert group whether they are still at it, and open it for others without an answer."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.ledger import alertgroups
from bot.usecases import alerting
from bot.world import World


async def run(world: World) -> None:
    """Look after every acknowledgement whose time is over."""
    async with world.ledger.transaction() as tx:
        over = await alertgroups.leases_over(tx, tx.now)
    for number in over:
        await alerting.look_after(world, number)


SCHEDULE = Schedule("leases", timedelta(seconds=5), run)
