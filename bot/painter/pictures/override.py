"""`override:7`: somebody takes over on a rotation, or two swap; taken back, it says by whom."""

from collections.abc import Awaitable, Callable

from bot.ledger import rotas
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.views import handoffs as view
from bot.views.handoffs import Overriding, Part
from bot.views.kit import Message
from bot.world import World


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read the override, and the other half of a swap."""
    number = int(card.subject.partition(":")[2])
    made = await rotas.override(tx, number)
    if made is None:
        raise LookupError(card.subject)
    both = await rotas.pair_of(tx, made)
    parts = [Part(one.override.person, one.override.start, one.override.end) for one in both]
    over = all(one.end <= tx.now for one in parts)
    undone = next((one.undone_by for one in both if one.undone_by), None)

    async def draw() -> Message:
        names = await world.names({made.by, *(one.person for one in parts), *([undone] if undone else [])})
        undone_by = names[undone] if undone else None
        return view.override(Overriding(number, made.rotation, parts, names[made.by], names, undone_by, over))

    return draw


PICTURE = Picture("override", read)
