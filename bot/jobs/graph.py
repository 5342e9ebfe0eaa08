"""Drawing a graph that is wanted; see `bot/usecases/graphing.py`."""

from contextlib import suppress

from bot.jobs import JobKind
from bot.ledger.ledger import Stale
from bot.usecases import graphing
from bot.world import World


async def draw(world: World, graph_id: int) -> None:
    """Draw a graph; where another was ahead, there is nothing left to do."""
    with suppress(Stale):
        await graphing.draw(world, graph_id)


JOB = JobKind("graph", draw)
