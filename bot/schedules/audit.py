"""Take up what was left lying: operations nobody is at, stale cards without a job, requests without an answer."""

from datetime import timedelta

from bot.calendar import Schedule
from bot.engine.advance import take_up
from bot.engine.changes import left_behind
from bot.ledger import painting, requests
from bot.world import World

PATIENCE = timedelta(seconds=5)


async def run(world: World) -> None:
    """Enqueue what is due, in one transaction."""
    async with world.ledger.transaction() as tx:
        await take_up(tx)
        await left_behind(tx)
        await tx.take_up([*await painting.stale(tx), *await requests.left_over(tx, tx.now - PATIENCE)])


SCHEDULE = Schedule("audit", timedelta(seconds=1), run, alone=False)
