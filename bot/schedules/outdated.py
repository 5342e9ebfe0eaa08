"""Void the changes that wait for approval of a plan that no longer describes the world."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.domain.change import State
from bot.ledger import changes
from bot.usecases import decisions
from bot.world import World


async def run(world: World) -> None:
    """Look at every change that has not begun."""
    async with world.ledger.transaction() as tx:
        open_ones = await changes.open_in(tx)
    for change in open_ones:
        if change.state is State.WAITING:
            await decisions.void_if_outdated(world, change.id)


SCHEDULE = Schedule("outdated", timedelta(seconds=3), run)
