"""What the painter notes of cards: which it is at, what Slack shows now, what has to wait, and what has waited."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, update

from bot.ledger.cards import POSTED_WITHIN, QUEUED_FOR, Card, paint, read
from bot.ledger.ledger import Tx
from bot.ledger.queue import Job
from bot.ledger.schema import cards as table

POSTED_NEXT = 8  # cards that are tried to be posted to a channel at one time
FREE_AGAIN = timedelta(seconds=5)


async def begin_painting(tx: Tx, card_id: int) -> Card | None:
    """Return the card to be painted now; what is said of its row from here on needs another painting."""
    query = update(table).where(table.c.id == card_id).values(queued_at=None).returning(table)
    row = (await tx.execute(query)).mappings().first()
    return read(row) if row else None


async def take_turn(tx: Tx, card: Card) -> None:
    """Note that a card is about to be shown: its urgency is spent, and is roused again by what is urgent from here on.

    A message that is about to be posted is noted too, so that after an unclear answer one looks before posting again,
    and so that nobody else posts it meanwhile: the lock of a job is its channel, and a card may change that.
    """
    values: dict[str, object] = {"urgent": False}
    if card.ts is None:
        values |= {"posting_at": func.coalesce(table.c.posting_at, tx.now), "due_at": tx.now + POSTED_WITHIN}
    await tx.execute(update(table).where(table.c.id == card.id).values(values))


async def shown(tx: Tx, card: Card, *, ts: str, channel: str, revision: int) -> None:
    """Note what Slack shows now.

    Where somebody else has noted it meanwhile, whose picture came last cannot be told: it is painted once more.
    """
    values = {
        "ts": ts,
        "channel": channel,
        "shown_revision": revision,
        "posting_at": None,
        "due_at": None,
        "fault": "",
        "urgent": table.c.urgent & (table.c.revision > revision),
    }
    mine = update(table).where(_still(card), table.c.shown_revision <= revision).values(values)
    if (await tx.execute(mine.returning(table.c.id))).first() is None:
        again = update(table).where(table.c.id == card.id).values(revision=table.c.revision + 1)
        await tx.execute(again)


def _still(card: Card) -> ColumnElement[bool]:
    """Whether a card hangs where it hung, or is to hang there as it was: nobody has given it another place since."""
    return and_(table.c.id == card.id, table.c.channel == card.channel, table.c.ts.is_not_distinct_from(card.ts))


async def put_off(tx: Tx, card: Card, *, until: datetime, fault: str = "") -> None:
    """Have a card painted later, and say why."""
    urgent = or_(table.c.urgent, literal(card.urgent))
    query = update(table).where(_still(card))
    await tx.execute(query.values(due_at=until, fault=fault, queued_at=None, urgent=urgent))


async def move(tx: Tx, card: Card, *, channel: str, fault: str, until: datetime | None = None) -> None:
    """Give a card another place, because its message or its channel is gone; it is posted anew, now or at a time."""
    values = {
        "channel": channel,
        "ts": None,
        "posting_at": None,
        "due_at": until,
        "fault": fault,
        "queued_at": tx.now if until is None else None,
        "urgent": True,
    }
    moved = update(table).where(_still(card)).values(values).returning(table.c.id)
    if (await tx.execute(moved)).first() is not None and until is None:
        tx.enqueue(paint(card.id, channel, urgent=True))


async def stale(tx: Tx, *, most: int = 200) -> list[Job]:
    """Take the cards that should be painted and have no live job, and return one for each: due ones, and lost ones.

    Of those that are to be posted to one channel only the next few are, in their order: Slack takes no more, and the
    others would only stand in the way of who has something to change there.
    """
    lost = or_(table.c.queued_at.is_(None), table.c.queued_at < tx.now - QUEUED_FOR)
    wanted = and_(table.c.shown_revision < table.c.revision, lost, _due(tx.now))
    query = (
        select(table.c.id)
        .where(wanted, or_(table.c.ts.is_not(None), table.c.id.in_(_next_to_post(tx.now))))
        .order_by(table.c.urgent.desc(), table.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = list((await tx.execute(query)).scalars())
    taken = update(table).where(table.c.id.in_(ids)).values(queued_at=tx.now, due_at=None)
    rows = (await tx.execute(taken.returning(table.c.id, table.c.channel, table.c.urgent, table.c.ts))).all()
    return [
        paint(row.id, row.channel, urgent=row.urgent, hangs=row.ts is not None)
        for row in sorted(rows, key=lambda row: (not row.urgent, row.id))
    ]


def _due(at: datetime) -> ColumnElement[bool]:
    return or_(table.c.due_at.is_(None), table.c.due_at <= at)


def _next_to_post(now: datetime) -> Select[tuple[int]]:
    """Return the next few cards of each channel that are to be posted, those that have a job already among them.

    What has been put off for longer than until its channel is free again keeps no other waiting.
    """
    place = func.row_number().over(partition_by=table.c.channel, order_by=(table.c.urgent.desc(), table.c.id))
    posting = and_(table.c.shown_revision < table.c.revision, table.c.ts.is_(None), _due(now + FREE_AGAIN))
    line = select(table.c.id, place.label("place")).where(posting).subquery()
    return select(line.c.id).where(line.c.place <= POSTED_NEXT)
