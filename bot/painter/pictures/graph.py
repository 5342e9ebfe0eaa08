"""`graph:3`: the message that shows a graph, or says why there is none."""

from collections.abc import Awaitable, Callable

from bot.ledger import graphs
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.views import graphs as view
from bot.views.kit import Message
from bot.world import World


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read the graph."""
    graph = await graphs.get(tx, int(card.subject.partition(":")[2]))
    if graph is None:
        raise LookupError(card.subject)

    async def draw() -> Message:
        names = await world.names([graph.asked_by] if graph.asked_by else [])
        return view.shown(graph, name=names.get(graph.asked_by, ""))

    return draw


PICTURE = Picture("graph", read)
