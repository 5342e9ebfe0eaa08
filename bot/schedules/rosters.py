"""Ask the calendars and schedules that rotations are imported from, every few minutes."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.usecases import importing
from bot.world import World


async def run(world: World) -> None:
    """Ask those whose last answer is old."""
    await importing.take(world)


SCHEDULE = Schedule("rosters", timedelta(seconds=60), run)
