"""Repaint the cards of what is running now and then, so that their elapsed time is not old."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.domain.change import State
from bot.ledger import cards, changes
from bot.world import World


async def run(world: World) -> None:
    """Touch the live cards, cosmetically: whatever people did goes first."""
    async with world.ledger.transaction() as tx:
        for change in await changes.open_in(tx):
            if change.state is State.RUNNING:
                cards.touch(tx, changes.subject(change.id), role="live")


SCHEDULE = Schedule("elapsed", timedelta(seconds=10), run)
