"""Tell of rotations that have changed hands, and of what is open then."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.usecases import handoffs
from bot.world import World


async def run(world: World) -> None:
    """Look at every one of them."""
    await handoffs.look(world)


SCHEDULE = Schedule("handoffs", timedelta(seconds=20), run)
