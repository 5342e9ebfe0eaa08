"""Ask the gates of blocked changes again, so that what was in the way for a moment does not need a person."""

from contextlib import suppress
from datetime import timedelta

from bot.calendar import Schedule
from bot.domain.change import State
from bot.domain.errors import Refused
from bot.ledger import changes
from bot.usecases import decisions
from bot.world import World


async def run(world: World) -> None:
    """Check every blocked change once; somebody may have moved it on meanwhile."""
    async with world.ledger.transaction() as tx:
        open_ones = await changes.open_in(tx)
    for change in open_ones:
        if change.state is State.BLOCKED:
            with suppress(Refused):
                await decisions.check_again(world, change.id)


SCHEDULE = Schedule("blocked", timedelta(seconds=20), run)
