"""Ask every Alertmanager whose API is known what really fires, and what is silenced there."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.usecases import reconciling
from bot.world import World


async def run(world: World) -> None:
    """Ask one after the other."""
    for monitor in world.silences if world.catalog.alerts else ():
        await reconciling.reconcile(world, monitor)


SCHEDULE = Schedule("reconcile", timedelta(seconds=30), run)
