"""Why an alert has no graph, where it has none; the graph itself is a message in the thread."""

from collections.abc import Sequence

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group
from bot.ledger import alertgroups, graphs
from bot.ledger.ledger import Tx
from bot.painter.alertparts import Added, Draw, Part
from bot.views import graphs as view
from bot.world import World


async def read(_: World, tx: Tx, group: Group, _alerts: Sequence[Alert]) -> Draw:
    """Read what became of the group's graph."""
    graph = await graphs.of(tx, alertgroups.subject(group.id))

    async def draw() -> Added:
        return Added(view.missing(graph) if graph else ())

    return draw


PART = Part("graph", 60, read)
