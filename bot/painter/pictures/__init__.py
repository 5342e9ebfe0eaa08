"""What cards show, by the kind of their subject: one file = one kind."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.views.kit import Message
from bot.world import World

Became = Callable[[World, Tx, Card, Exception | None], Awaitable[None]]
Places = Callable[[World, Tx, Card], Awaitable[tuple[str, str]]]
Read = Callable[[World, Tx, Card], Awaitable[Callable[[], Awaitable[Message]]]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A kind of subject (`change`, `operation`) and how its cards are drawn.

    `read` reads the rows within the transaction; what it returns draws the message after it, and may ask for names.
    `became` is told, in the transaction that notes it, what became of a card: None when it was posted, `Gone` or
    `GaveUp` when it cannot be shown where it belongs, `Retry` or `Unclear` when it cannot be now. `places` says
    where it belongs, and where people see it when that channel is gone; one that `stays` is given up instead of moved.
    """

    kind: str
    read: Read
    became: Became | None = None
    places: Places | None = None
    stays: bool = False
