"""What cards show, by the kind of their subject: one file = one kind."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.views.kit import Message
from bot.world import World

Read = Callable[[World, Tx, Card], Awaitable[Callable[[], Awaitable[Message]]]]


async def _anywhere(_: World, __: Tx, ___: Card) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Picture:
    """A kind of subject (`change`, `operation`) and how its cards are drawn.

    `read` reads the rows within the transaction; what it returns draws the message after it, and may ask for names.
    `strays` says whether a card whose channel is gone may hang where the others hang.
    """

    kind: str
    read: Read
    strays: Callable[[World, Tx, Card], Awaitable[bool]] = _anywhere
