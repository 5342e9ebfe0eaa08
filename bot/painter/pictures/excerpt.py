"""`excerpt:3`: the message that says what was asked for, and the pages in its thread."""

from collections.abc import Awaitable, Callable

from bot.ledger import excerpts
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.views import excerpts as view
from bot.views import logs
from bot.views.kit import Message
from bot.world import World


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read the excerpt; the card's role says which page of it (`page/3`), or that it is the message above."""
    excerpt = await excerpts.get(tx, int(card.subject.partition(":")[2]))
    if excerpt is None:
        raise LookupError(card.subject)

    async def draw() -> Message:
        number = card.role.partition("/")[2]
        if number:
            page = excerpt.pages[int(number) - 1]
            return logs.page(page, int(number), target=str(excerpt.target), last=False)
        names = await world.names([excerpt.asked_by])
        return view.head(excerpt, name=names[excerpt.asked_by])

    return draw


PICTURE = Picture("excerpt", read)
