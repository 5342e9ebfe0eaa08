"""Who is told next and when, what was told to whom and how it ended, and the button that has the next told now."""

from collections.abc import Sequence

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group
from bot.ledger import escalations, notifications
from bot.ledger.ledger import Tx
from bot.painter.alertparts import Added, Draw, Part
from bot.views import escalations as view
from bot.views.escalations import Shown
from bot.world import World


async def read(world: World, tx: Tx, group: Group, _: Sequence[Alert]) -> Draw:
    """Read the group's newest escalation, and what was told of the group last."""
    one = await escalations.newest(tx, group.id)
    told = await notifications.of_group(tx, group.id) if one is not None else []

    async def draw() -> Added:
        names = await world.names(view.people(one, told))
        shown = Shown(group, one, told, names)
        may = world.catalog.alerts is not None and world.catalog.alerts.escalation is not None
        return Added(view.lines(shown), view.buttons(group, may=may))

    return draw


PART = Part("escalation", 30, read)
