"""Listen for watchdogs: that one is quiet is told as an alert, and that it is heard again resolves it."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.usecases import alerting, watching
from bot.world import World


async def run(world: World) -> None:
    """Look at every route that names a watchdog."""
    for route in world.catalog.alerts.routes if world.catalog.alerts else ():
        told = await watching.watch(world, route)
        if told is not None:
            await alerting.take(world, route, told)


SCHEDULE = Schedule("watchdogs", timedelta(seconds=10), run)
