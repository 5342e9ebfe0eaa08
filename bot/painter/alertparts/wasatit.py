"""Who was at an alert group that is over: whoever reads its card later asks them."""

from collections.abc import Sequence

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group, State
from bot.ledger import atit
from bot.ledger.ledger import Tx
from bot.painter.alertparts import Added, Draw, Part
from bot.views.kit import context, outside
from bot.world import World


async def read(world: World, tx: Tx, group: Group, _: Sequence[Alert]) -> Draw:
    """Read who was the last, of a group that has ended."""
    person = await atit.last(tx, group.id) if group.state is State.RESOLVED else None

    async def draw() -> Added:
        names = await world.names([person] if person else [])
        return Added([context(f"*{outside(names[person])}* was at it.")] if person else [])

    return draw


PART = Part("wasatit", 70, read)
