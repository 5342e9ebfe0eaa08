"""`joining:7`: a line in the thread of an alert group's card that says which alerts have joined or ended."""

from collections.abc import Awaitable, Callable

from bot.ledger import joinings
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.views import joining as view
from bot.views.kit import Message
from bot.world import World


async def read(_: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read what it says."""
    turn = await joinings.get(tx, int(card.subject.partition(":")[2]))
    if turn is None:
        raise LookupError(card.subject)

    async def draw() -> Message:
        return view.line(turn)

    return draw


PICTURE = Picture("joining", read)
