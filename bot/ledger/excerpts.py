"""Excerpts of what programs printed, each for one request."""

from sqlalchemy import RowMapping, select
from sqlalchemy.dialects.postgresql import insert

from bot.domain.excerpt import Excerpt
from bot.domain.target import Target
from bot.ledger.ledger import Tx
from bot.ledger.schema import excerpts as table


def subject(excerpt_id: int) -> str:
    """Return how cards name an excerpt."""
    return f"excerpt:{excerpt_id}"


def read(row: RowMapping) -> Excerpt:
    """Return the excerpt of a row."""
    return Excerpt(
        id=row["id"],
        target=Target(row["service"], row["environment"]),
        asked_by=row["asked_by"],
        since=row["since"],
        until=row["until"],
        text=row["text"],
        more=row["more"],
    )


async def add(tx: Tx, excerpt: Excerpt, *, request_id: int) -> int | None:
    """Write an excerpt down and return its number; None when the request has one already."""
    values = {
        "request_id": request_id,
        "service": excerpt.target.service,
        "environment": excerpt.target.environment,
        "asked_by": excerpt.asked_by,
        "since": excerpt.since,
        "until": excerpt.until,
        "text": excerpt.text,
        "more": excerpt.more,
    }
    made = insert(table).values(values).on_conflict_do_nothing(index_elements=["request_id"]).returning(table.c.id)
    row = (await tx.execute(made)).first()
    return int(row[0]) if row else None


async def get(tx: Tx, excerpt_id: int) -> Excerpt | None:
    """Return an excerpt by its number, or None."""
    row = (await tx.execute(select(table).where(table.c.id == excerpt_id))).mappings().first()
    return read(row) if row else None
