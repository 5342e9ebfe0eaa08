"""What is told in the threads of alert groups' cards of alerts that join and end, a row for each minute of it."""

import json

from sqlalchemy import RowMapping, insert, select, update

from bot.domain.canonical import canonical
from bot.domain.joining import Turn
from bot.ledger.heard_tables import alert_changes as table
from bot.ledger.ledger import Tx


def subject(number: int) -> str:
    """Return how a card names one."""
    return f"joining:{number}"


def _read(row: RowMapping) -> Turn:
    joined, ended = json.loads(row["names"])
    return Turn(row["began_at"], row["joined"], row["ended"], joined, ended, row["over"])


def _values(turn: Turn) -> dict[str, object]:
    return {
        "joined": turn.joined,
        "ended": turn.ended,
        "names": canonical([list(turn.named_joined), list(turn.named_ended)]),
        "over": turn.over,
    }


async def newest(tx: Tx, group_id: int) -> tuple[int, Turn] | None:
    """Return the last of a group with its number, or None. The group has to be locked."""
    query = select(table).where(table.c.group_id == group_id).order_by(table.c.id.desc()).limit(1)
    row = (await tx.execute(query)).mappings().first()
    return (row["id"], _read(row)) if row else None


async def add(tx: Tx, group_id: int, turn: Turn) -> int:
    """Write a new one down; return its number."""
    values = {"group_id": group_id, "began_at": turn.began_at, **_values(turn)}
    return int((await tx.execute(insert(table).values(values).returning(table.c.id))).scalar_one())


async def change(tx: Tx, number: int, turn: Turn) -> None:
    """Write down what one says now."""
    await tx.execute(update(table).where(table.c.id == number).values(_values(turn)))


async def get(tx: Tx, number: int) -> Turn | None:
    """Return one by its number, or None."""
    row = (await tx.execute(select(table).where(table.c.id == number))).mappings().first()
    return _read(row) if row else None
