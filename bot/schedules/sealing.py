"""Seal new events into the chain, within about a second."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.ledger import chain
from bot.world import World


async def run(world: World) -> None:
    """Seal batch after batch until none is left."""
    sealed = chain.BATCH
    while sealed == chain.BATCH:
        async with world.ledger.transaction() as tx:
            sealed = await chain.seal(tx)


SCHEDULE = Schedule("sealing", timedelta(seconds=1), run, alone=False)
