"""Tell people what came while they were left in peace."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.usecases import handoffs
from bot.world import World


async def run(world: World) -> None:
    """Look at every one of them."""
    await handoffs.tell_digests(world)


SCHEDULE = Schedule("digests", timedelta(seconds=20), run)
