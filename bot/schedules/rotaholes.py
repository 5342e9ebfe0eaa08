"""Tell those who can mend it of times in which nobody will be on call."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.usecases import handoffs
from bot.world import World


async def run(world: World) -> None:
    """Look at every one of them."""
    await handoffs.warn(world)


SCHEDULE = Schedule("rotaholes", timedelta(seconds=300), run)
