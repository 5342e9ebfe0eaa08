"""Cards that can be shown nowhere: a direct message to somebody who is gone, a reply to a message that is."""

from sqlalchemy import delete, or_, select, update

from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.ledger.schema import cards as table


async def give_up(tx: Tx, card: Card) -> None:
    """Forget a card that has no place and was never posted; one that hangs somewhere is left as it is."""
    await tx.execute(delete(table).where(table.c.id == card.id, table.c.ts.is_(None)))
    left = update(table).where(table.c.id == card.id, table.c.revision == card.revision)
    await tx.execute(left.values(shown_revision=card.revision, due_at=None, fault=""))


async def hopes(tx: Tx, card: Card) -> bool:
    """Whether a row has another card that hangs somewhere, or may be posted yet."""
    others = select(table.c.id).where(table.c.subject == card.subject, table.c.id != card.id)
    alive = others.where(or_(table.c.ts.is_not(None), table.c.fault == ""))
    return (await tx.execute(alive.limit(1))).first() is not None
