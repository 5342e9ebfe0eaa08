"""Look after silences: those that are not as they are wished, those that end soon, and those whose time is over."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.ledger import silences
from bot.usecases import hushing
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


SCHEDULE = Schedule("silences", timedelta(seconds=5), run)
