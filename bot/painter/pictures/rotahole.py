"""`rotahole:7`: in a week there are times in which nobody is on call; who can mend it is called, once."""

from collections.abc import Awaitable, Callable

from bot.domain import rota
from bot.ledger import rotas
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.usecases import oncall
from bot.views import handoffs as view
from bot.views.handoffs import Holes
from bot.views.kit import Message
from bot.world import World


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read the holes of that week as they are now; those that have passed are no longer to be mended."""
    notice = await rotas.get_notice(tx, int(card.subject.partition(":")[2]))
    if notice is None:
        raise LookupError(card.subject)
    here = world.catalog.on_call.rotations.get(notice.rotation) if world.catalog.on_call else None
    found = []
    if here is not None and notice.until > tx.now:
        start = max(notice.at, tx.now)
        found = rota.holes(await oncall.rota_of(tx, notice.rotation, here, start), start, notice.until)

    async def draw() -> Message:
        calls = await world.mentions(world.catalog.keepers()) if here else []
        instead = await oncall.fallback_name(world, notice.rotation) if here else ""
        return view.hole(Holes(notice.rotation, notice.at, found, calls, instead))

    return draw


PICTURE = Picture("rotahole", read)
