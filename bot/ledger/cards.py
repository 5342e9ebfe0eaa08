"""Cards: which message pictures which row, what revision it should show, and what revision it shows.

`touch` is all the rest of Slipway knows of Slack's messages: the row changed, so its cards are stale. The painter
does the rest, and what it cannot do now stays stale until it can.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    RowMapping,
    Text,
    any_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from bot.domain.operation import Operation
from bot.ledger.ledger import Tx
from bot.ledger.queue import AT_ONCE, COSMETIC, URGENT, Job, deferring
from bot.ledger.schema import cards as table
from bot.ledger.statement import Statement
from bot.ports import Place

QUEUED_FOR = timedelta(seconds=20)  # a paint job that has not run after this long is taken for lost
POSTED_WITHIN = timedelta(seconds=20)  # who posts a message has ended by then, one way or another


@dataclass(frozen=True, slots=True)
class Card:
    """A message that pictures a row.

    `posting_at` is set while it is not known whether it was posted; who posts it has until `due_at` alone.
    """

    id: int
    subject: str
    role: str
    channel: str
    thread_of: int | None
    ts: str | None
    revision: int
    shown_revision: int
    urgent: bool
    posting_at: datetime | None
    due_at: datetime | None
    fault: str
    created_at: datetime

    def rests(self, now: datetime) -> bool:
        """Whether somebody is posting it, or tried to and it was put off: whatever happens to its row, it waits."""
        tried = self.posting_at is not None or bool(self.fault)
        return self.ts is None and tried and self.due_at is not None and self.due_at > now


def _touching(*, urgent: bool) -> Statement:
    """Return what makes cards stale, and has those painted that are not to be painted already, or not as soon."""
    waiting = (table.c.queued_at > bindparam("lost_before")).label("waiting")
    only = bindparam("only", type_=Text)
    about = bindparam("about", type_=ARRAY(Text))
    stale = (table.c.subject == any_(about)) & (only.is_(None) | (table.c.role == only))
    in_order = func.convert_to(table.c.subject, "UTF8"), table.c.id  # as `_Touches` has it
    found = select(table.c.id, waiting, table.c.urgent).where(stale).order_by(*in_order)
    fresh = found.with_for_update(key_share=True).cte("fresh")  # who hangs something under a card waits for nobody
    touched = (
        update(table)
        .where(table.c.id == fresh.c.id)
        .values(
            revision=table.c.revision + 1,
            urgent=or_(table.c.urgent, true() if urgent else false()),
            queued_at=case((fresh.c.waiting, table.c.queued_at), else_=bindparam("now", type_=DateTime(timezone=True))),
        )
        .returning(
            table.c.id,
            table.c.channel,
            table.c.ts.is_not(None).label("hangs"),
            fresh.c.waiting,
            fresh.c.urgent.label("was_urgent"),
        )
        .cte("touched")
    )
    sooner = not_(func.coalesce(touched.c.waiting, false()))
    return Statement(
        select(_painting(urgent=urgent, hangs="hangs"))
        .select_from(touched)
        .where(or_(sooner, not_(touched.c.was_urgent)) if urgent else sooner)
    )


def _adding(*, urgent: bool) -> Statement:
    """Return what makes a card, and has it painted, unless there is one."""
    names = ("subject", "role", "channel", "thread_of", "queued_at", "created_at")
    values = {name: bindparam(name, type_=table.c[name].type) for name in names}
    made = (
        insert(table)
        .values({**values, "urgent": true() if urgent else false()})
        .on_conflict_do_nothing(index_elements=["subject", "role"])
        .returning(table.c.id, table.c.channel)
        .cte("made")
    )
    return Statement(select(_painting(urgent=urgent)).select_from(made))


def _painting(*, urgent: bool, hangs: str = "false") -> ColumnElement[object]:
    """Return the SQL that has the cards painted whose `id` and `channel` are at hand (see `paint`)."""
    priority = f"CASE WHEN {hangs} THEN {AT_ONCE} ELSE {URGENT} END" if urgent else str(COSMETIC)
    return literal_column(deferring("paint", lock="'channel:' || channel", priority=priority))


_ADD = {urgent: _adding(urgent=urgent) for urgent in (True, False)}
_TOUCH = {urgent: _touching(urgent=urgent) for urgent in (True, False)}


def read(row: RowMapping) -> Card:
    """Return the card of a row."""
    return Card(
        id=row["id"],
        subject=row["subject"],
        role=row["role"],
        channel=row["channel"],
        thread_of=row["thread_of"],
        ts=row["ts"],
        revision=row["revision"],
        shown_revision=row["shown_revision"],
        urgent=row["urgent"],
        posting_at=row["posting_at"],
        due_at=row["due_at"],
        fault=row["fault"],
        created_at=row["created_at"],
    )


def paint(card_id: int, channel: str, *, urgent: bool, hangs: bool = False) -> Job:
    """Return the job that brings a card up to date; one channel's cards are painted one after the other.

    What people did with a card that `hangs` there goes before what is to be posted: they look at it, and wait.
    """
    priority = (AT_ONCE if hangs else URGENT) if urgent else COSMETIC
    return Job("paint", card_id, lock=f"channel:{channel}", priority=priority)


async def add(
    tx: Tx, subject: str, role: str, channel: str, *, thread_of: int | None = None, urgent: bool | None = None
) -> None:
    """Have a row pictured in a channel (or in another card's thread); nothing happens if it already is.

    A card in a channel is urgent, and one in a thread is not, unless it is said.
    """
    urgent = thread_of is None if urgent is None else urgent
    tx.say(
        _ADD[urgent],
        subject=subject,
        role=role,
        channel=channel,
        thread_of=thread_of,
        queued_at=tx.now,
        created_at=tx.now,
    )


def touch(tx: Tx, subject: str, *, role: str | None = None, urgent: bool = False) -> None:
    """Say that a row has changed: its cards are stale, and are painted once however often this is said."""
    said = tx.to_do_at_the_end(_TOUCHES)
    touches = said if isinstance(said, _Touches) else _Touches()
    touches.urgent[subject, role] = urgent or touches.urgent.get((subject, role), False)
    tx.at_the_end(_TOUCHES, touches)


_TOUCHES = "touches"


@dataclass(frozen=True, slots=True)
class _Touches:
    """Cards that have become stale in a transaction, by subject and role; it is written just before the commit.

    Whoever touches several locks them in one order: two who do so at one moment would wait for each other for ever.
    """

    urgent: dict[tuple[str, str | None], bool] = field(default_factory=dict)

    async def __call__(self, tx: Tx) -> None:
        for (subject, role), urgent in sorted(
            self.urgent.items(), key=lambda one: (one[0][0].encode(), one[0][1] or "")
        ):
            touch_now(tx, [subject], role, urgent=urgent)


def touch_now(tx: Tx, subjects: Sequence[str], role: str | None, *, urgent: bool) -> None:
    """Say that rows have changed, many at once, and have it written now: whoever does so locks nothing after it."""
    lost = tx.now - QUEUED_FOR
    tx.say(_TOUCH[urgent], about=list(subjects), only=role, now=tx.now, lost_before=lost)


def touched(change_id: int) -> Job:
    """Return the job that has a change's live card painted anew because of what happened to another change.

    It is a transaction of its own: two changes that touch each other's cards at one moment would wait for ever.
    """
    return Job("touch", change_id, priority=COSMETIC)


async def show_log(tx: Tx, op: Operation, page: int) -> None:
    """Have a page of an operation's log shown in the thread of its change's live card."""
    live = await of(tx, f"change:{op.change_id}", "live")
    if live is not None:
        role = f"log/{page}"
        await add(tx, f"operation:{op.id}", role, live.channel, thread_of=live.id)
        touch(tx, f"operation:{op.id}", role=role)


async def tell(tx: Tx, op: Operation, role: str, *, urgent: bool = False) -> None:
    """Have something told of an operation in the thread of its change's card, once, however often it is said."""
    live = await of(tx, f"change:{op.change_id}", "live")
    if live is not None:
        await add(tx, f"operation:{op.id}", role, live.channel, thread_of=live.id, urgent=urgent)


async def get(tx: Tx, card_id: int) -> Card | None:
    """Return a card by its number, or None."""
    row = (await tx.execute(select(table).where(table.c.id == card_id))).mappings().first()
    return read(row) if row else None


async def of(tx: Tx, subject: str, role: str) -> Card | None:
    """Return the card of a row in a role, or None."""
    query = select(table).where(table.c.subject == subject, table.c.role == role)
    row = (await tx.execute(query)).mappings().first()
    return read(row) if row else None


async def every(tx: Tx, subject: str) -> list[Card]:
    """Return all the cards of a row, oldest first."""
    query = select(table).where(table.c.subject == subject).order_by(table.c.id)
    return [read(row) for row in (await tx.execute(query)).mappings()]


async def places(tx: Tx, subjects: Iterable[str]) -> dict[str, Place]:
    """Return where the live cards of rows hang, of those that have been posted."""
    query = select(table.c.subject, table.c.channel, table.c.ts).where(
        table.c.subject.in_(set(subjects)), table.c.role == "live", table.c.ts.is_not(None)
    )
    return {row[0]: Place(row[1], row[2]) for row in await tx.execute(query)}
