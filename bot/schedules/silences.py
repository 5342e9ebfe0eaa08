"""Look after silences: those that are not as they are wished, those that end soon, those whose time is over.

And after what stood still because of one that covers it no longer.
"""

from datetime import timedelta

from bot.calendar import Schedule
from bot.ledger import silences
from bot.usecases import escalating, hushing
from bot.world import World


async def run(world: World) -> None:
    """Try again what could not be done, and see to every end."""
    async with world.ledger.transaction() as tx:
        lacking = await silences.unsettled(tx)
        living = await silences.every_living(tx)
    for number in lacking:
        await hushing.bring_about(world, number)
    for silence in living:
        await hushing.look_after(world, silence)
    while await escalating.go_on(world):
        pass


SCHEDULE = Schedule("silences", timedelta(seconds=5), run)
