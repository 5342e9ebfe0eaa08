"""The button that gives an alert group to somebody."""

from collections.abc import Sequence

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group, State
from bot.ledger.ledger import Tx
from bot.painter.alertparts import Added, Draw, Part
from bot.views.kit import button
from bot.world import World


async def read(_: World, __: Tx, group: Group, ___: Sequence[Alert]) -> Draw:
    """Offer it while it has not ended."""

    async def draw() -> Added:
        return Added(buttons=[button("assign", "Assign…", group.id)] if group.state is not State.RESOLVED else [])

    return draw


PART = Part("assign", 50, read)
