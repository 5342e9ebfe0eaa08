"""What waits until somebody is no longer to be left in peace, and the digests that tell of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.ledger.ledger import Tx
from bot.ledger.rota_tables import deferred as table
from bot.ledger.rota_tables import digests
from bot.ledger.statement import Reads, Statement

_DIGEST = Statement(select(digests).where(digests.c.id == bindparam("its_id")))
_GROUPS = Statement(select(table.c.group_id).where(table.c.digest_id == bindparam("its_id")).order_by(table.c.id))


def subject(number: int) -> str:
    """Return how events and cards name a digest."""
    return f"digest:{number}"


async def defer(tx: Tx, person: str, group_id: int, *, until: datetime) -> None:
    """Have a group told to somebody in their next digest; it is in it once."""
    values = {"person": person, "group_id": group_id, "made_at": tx.now, "due_at": until}
    await tx.execute(upsert(table).values(values).on_conflict_do_nothing())


async def due(tx: Tx) -> Sequence[str]:
    """Return the people for whom something has waited long enough."""
    query = select(table.c.person).where(table.c.digest_id.is_(None), table.c.due_at <= tx.now).distinct()
    return list((await tx.execute(query.order_by(table.c.person))).scalars())


async def gather(tx: Tx, person: str) -> int | None:
    """Put everything that is due for somebody into a new digest; return its number, or None where another has."""
    mine = (table.c.person == person) & table.c.digest_id.is_(None) & (table.c.due_at <= tx.now)
    rows = list((await tx.execute(select(table.c.id).where(mine).with_for_update())).scalars())
    if not rows:
        return None
    made = insert(digests).values(person=person, made_at=tx.now).returning(digests.c.id)
    number = int((await tx.execute(made)).scalar_one())
    await tx.execute(update(table).where(table.c.id.in_(rows)).values(digest_id=number))
    return number


async def of(tx: Reads, number: int) -> tuple[str, list[int]] | None:
    """Return whose digest it is, and the groups in it; None where there is none."""
    row = await tx.row(_DIGEST, its_id=number)
    found = [row["group_id"] for row in await tx.rows(_GROUPS, its_id=number)]
    return (row["person"], found) if row else None
