"""What is heard of an alert group beside the commands: which card it is about, and whether it is news.

Slack tells an event again when it was not answered in time, and two events in any order. So of each person's words and
reactions only what is newer than the last is taken, and what they are told of it they are told once.
"""

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from bot.ledger.heard_tables import heard as table
from bot.ledger.ledger import Tx
from bot.ledger.schema import cards
from bot.ledger.statement import Reads, Statement

SAID = "said"

_AT = Statement(
    select(cards.c.subject).where(cards.c.channel == bindparam("its_channel"), cards.c.ts == bindparam("its_ts"))
)


async def subject_at(reads: Reads, channel: str, ts: str) -> str | None:
    """Return what a message is the card of; None where it is none."""
    row = await reads.row(_AT, its_channel=channel, its_ts=ts)
    return str(row["subject"]) if row else None


async def news(tx: Tx, subject: str, person: str, ts: str) -> bool:
    """Note that somebody said something of a subject; False where it is known, or something newer is."""
    made = insert(table).values(subject=subject, person=person, kind=SAID, ts=ts)
    newer = made.on_conflict_do_update(
        index_elements=["subject", "person", "kind"], set_={"ts": made.excluded.ts}, where=table.c.ts < made.excluded.ts
    )
    return (await tx.execute(newer.returning(table.c.ts))).first() is not None


async def first(tx: Tx, subject: str, person: str, kind: str, ts: str) -> bool:
    """Note that somebody is told a kind of thing of a subject; False where they have been."""
    made = insert(table).values(subject=subject, person=person, kind=kind, ts=ts).on_conflict_do_nothing()
    return (await tx.execute(made.returning(table.c.ts))).first() is not None
