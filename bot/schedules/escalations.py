"""Take the steps of escalations that are due: what is not is not looked at, however much of it there is."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.usecases import escalating
from bot.world import World


async def run(world: World) -> None:
    """Take batch after batch while there are more; a replica takes what no other is at."""
    while await escalating.take_due(world):
        pass


SCHEDULE = Schedule("escalations", timedelta(seconds=1), run, alone=False)
