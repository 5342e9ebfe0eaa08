"""`operation:7`: the pages of its log, in the thread of its change's card."""

from collections.abc import Awaitable, Callable

from bot.ledger import operations, steps
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.views import logs as view
from bot.views.kit import Message
from bot.world import World


async def read(_: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read the page that the card's role names (`log/3`)."""
    number = int(card.role.partition("/")[2])
    op = await operations.get(tx, int(card.subject.partition(":")[2]))
    if op is None:
        raise LookupError(card.subject)
    text = await steps.log_page(tx, op.id, number)

    async def draw() -> Message:
        return view.page(text, number, target=str(op.target), last=number == steps.MOST_PAGES)

    return draw


PICTURE = Picture("operation", read)
