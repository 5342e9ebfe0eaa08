"""`overdue:1964112`: that escalations are behind their time, once in a quarter of an hour; it shows how it is now."""

from collections.abc import Awaitable, Callable

from bot.ledger import escalations, notifications
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.usecases import escalating
from bot.views import escalations as view
from bot.views.kit import Message
from bot.world import World


async def read(world: World, tx: Tx, _: Card) -> Callable[[], Awaitable[Message]]:
    """Read what is late now."""
    patience = escalating.lateness(world)
    behind = await escalations.overdue(tx, by=patience)
    waiting = len(await notifications.lying(tx, before=tx.now - patience))

    async def draw() -> Message:
        return view.overdue(await world.mentions(world.catalog.menders()), behind.escalations, behind.since, waiting)

    return draw


PICTURE = Picture("overdue", read)
