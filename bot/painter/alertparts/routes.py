"""That a group's alerts come by a route that is not in the catalog, so that they are here and not where they belong."""

from collections.abc import Sequence

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group
from bot.ledger.ledger import Tx
from bot.painter.alertparts import Added, Draw, Part
from bot.views.kit import code, context
from bot.world import World


async def read(world: World, tx: Tx, group: Group, alerts: Sequence[Alert]) -> Draw:  # noqa: ARG001 - a part's form
    """Look whether the catalog knows the route."""
    known = world.catalog.alerts is not None and group.route in world.catalog.alerts.routes

    async def draw() -> Added:
        said = f"The route {code(group.route)} is not in the catalog: nobody owns it, so its alerts come here."
        way = "Add it under `alerts.routes`, or have the monitor tell by one that is there."
        return Added([] if known else [context(f"⚠️ {said} {way}")])

    return draw


PART = Part("routes", 50, read)
