"""What was told of alerts to whom: the intent, committed before anybody is asked; then how it ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, Boolean, Integer, Text, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.escalation import Escalation, Kind, Taken, Whom
from bot.domain.escalation import State as Standing
from bot.domain.notification import Notification, State, Verb
from bot.ledger.escalation_tables import notifications as table
from bot.ledger.following import job, key_of
from bot.ledger.ledger import Tx
from bot.ledger.statement import Reads, Row, Statement

_TOLD = (
    *("escalation_id", "group_id", "turn", "round", "step", "place"),
    *("kind", "name", "way", "key", "by_hand", "late"),
)


def _adding() -> Statement:
    columns = [func.unnest(bindparam(name, type_=ARRAY(table.c[name].type))) for name in _TOLD]
    fixed = [
        bindparam("verb", type_=Text),
        bindparam("state", type_=Text),
        bindparam("now", type_=table.c.made_at.type),
    ]
    made = upsert(table).from_select([*_TOLD, "verb", "state", "made_at"], select(*columns, *fixed))
    return Statement(made.on_conflict_do_nothing().returning(table.c.id))


_WAITS = text("notifications.state IN ('due', 'asked')")  # as in the condition of the index
_ADD = _adding()
_GET = Statement(select(table).where(table.c.id == bindparam("its_id")))
_LOCKED = Statement(select(table).where(table.c.id == bindparam("its_id")).with_for_update(key_share=True))
_OF_GROUP = Statement(
    select(table)
    .where(table.c.group_id == bindparam("its_group"))
    .order_by(table.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_ASK = Statement(
    update(table)
    .where(
        table.c.id == bindparam("its_id"),
        table.c.attempts == bindparam("seen"),
        _WAITS,
    )
    .values(
        state="asked",
        attempts=table.c.attempts + 1,
        asked_at=bindparam("now"),
        who=bindparam("who"),
        follows=bindparam("can_follow", type_=Boolean),
    )
)
_SETTLE = Statement(
    update(table)
    .where(table.c.id == bindparam("its_id"), _WAITS)
    .values(state=bindparam("ended_as"), said=bindparam("words"), ended_at=bindparam("now"))
    .returning(table.c.id)
)
_OF_KEY = Statement(
    select(table)
    .where(table.c.key == bindparam("its_key"), table.c.way == bindparam("its_way"))
    .order_by(table.c.id)
    .limit(1)
)
_TELLING = Statement(
    select(table.c.id)
    .where(table.c.key == bindparam("its_key"), table.c.way == bindparam("its_way"), table.c.id != bindparam("its_id"))
    .where(table.c.verb == "tell", table.c.state == "asked", table.c.asked_at > bindparam("after"))
    .limit(1)
)


def subject(number: int) -> str:
    """Return how cards and events name a notification."""
    return f"notification:{number}"


def read(row: Row) -> Notification:
    """Return the notification of a row."""
    return Notification(
        id=row["id"],
        escalation=row["escalation_id"],
        group_id=row["group_id"],
        whom=Whom(Kind(row["kind"]), row["name"]),
        way=row["way"],
        key=row["key"],
        turn=row["turn"],
        round=row["round"],
        number=row["step"],
        place=row["place"],
        verb=Verb(row["verb"]),
        state=State(row["state"]),
        who=tuple(row["who"].split()),
        said=row["said"],
        flaw=row["flaw"],
        attempts=row["attempts"],
        follows=row["follows"],
        by_hand=row["by_hand"],
        late=row["late"],
        made_at=row["made_at"],
        asked_at=row["asked_at"],
        ended_at=row["ended_at"],
    )


async def tell(
    tx: Tx, steps: Sequence[tuple[Escalation, Taken]], *, place: int = 0, by_hand: str | None = None
) -> None:
    """Write down that steps tell somebody, each by its way in a place, and have that done; done already, it is not."""
    rows = {
        "escalation_id": [one.id for one, _ in steps],
        "group_id": [one.group_id for one, _ in steps],
        "turn": [taken.turn for _, taken in steps],
        "round": [taken.round for _, taken in steps],
        "step": [taken.number for _, taken in steps],
        "place": [place for _ in steps],
        "kind": [taken.step.whom.kind.value for _, taken in steps],
        "name": [taken.step.whom.name for _, taken in steps],
        "way": [taken.step.by[place] for _, taken in steps],
        "key": [_key(one, taken, by_hand) for one, taken in steps],
        "by_hand": [by_hand for _ in steps],
        "late": [int(taken.late.total_seconds()) for _, taken in steps],
    }
    for row in await tx.rows(_ADD, **rows, verb=Verb.TELL.value, state=State.DUE.value, now=tx.now):
        tx.enqueue(job(row["id"]))


def _key(one: Escalation, taken: Taken, by_hand: str | None) -> str:
    """Return the key of a step: what somebody wants told while another is at it would be lost in an old incident."""
    held = by_hand is not None and one.state is Standing.HELD
    return f"{key_of(one)}.{taken.round}-{taken.number}" if held else key_of(one)


async def get(tx: Reads, number: int) -> Notification | None:
    """Return a notification by its number, or None."""
    row = await tx.row(_GET, its_id=number)
    return read(row) if row else None


async def locked(tx: Tx, number: int) -> Notification | None:
    """Return a notification that nobody else changes until the commit, or None."""
    row = await tx.row(_LOCKED, its_id=number)
    return read(row) if row else None


async def of_group(tx: Reads, group_id: int, *, most: int = 50) -> list[Notification]:
    """Return what was told of a group last, the newest first."""
    return [read(row) for row in await tx.rows(_OF_GROUP, its_group=group_id, most=most)]


def ask(tx: Tx, one: Notification, *, who: Sequence[str] = (), follows: bool = False) -> None:
    """Note that somebody is asked now; `Stale` where another has asked since this was read."""
    tx.write(_ASK, its_id=one.id, seen=one.attempts, now=tx.now, who=" ".join(who), can_follow=follows)


async def settle(tx: Tx, one: Notification, state: State, said: str = "") -> bool:
    """Note how it ended, if it has not; return whether it had not."""
    return await tx.row(_SETTLE, its_id=one.id, ended_as=state.value, words=said, now=tx.now) is not None


async def tried(tx: Tx, one: Notification, said: str, state: State) -> None:
    """Note why there is no outcome yet: nothing has happened (`due`), or it may have (`asked`)."""
    await tx.execute(update(table).where(table.c.id == one.id, _WAITS).values(said=said, state=state.value))


async def count_try(tx: Tx, one: Notification) -> None:
    """Count a try that came to nothing before anybody was asked."""
    await tx.execute(update(table).where(table.c.id == one.id).values(attempts=table.c.attempts + 1))


async def is_being_told(tx: Tx, one: Notification, *, within: timedelta) -> bool:
    """Whether somebody is just being told what this would have followed: then it has to wait."""
    after = tx.now - within
    return await tx.row(_TELLING, its_key=one.key, its_way=one.way, its_id=one.id, after=after) is not None


async def find_flaw(tx: Tx, one: Notification, flaw: str) -> bool:
    """Note what somebody is to mend; return whether it is the first time in this escalation."""
    same = select(table.c.id).where(table.c.escalation_id == one.escalation, table.c.flaw == flaw)
    known = (await tx.execute(same.limit(1))).first() is not None
    await tx.execute(update(table).where(table.c.id == one.id).values(flaw=flaw))
    return not known


async def of_key(tx: Reads, key: str, way: str) -> Notification | None:
    """Return what was told first under a key by a way, or None."""
    row = await tx.row(_OF_KEY, its_key=key, its_way=way)
    return read(row) if row else None


async def lying(tx: Tx, *, before: datetime, most: int = 500) -> list[int]:
    """Return the numbers of what has waited since before a time: its job may have been lost."""
    query = select(table.c.id).where(_WAITS, table.c.made_at < before)
    return list((await tx.execute(query.order_by(table.c.made_at).limit(most))).scalars())


async def counts(tx: Tx, *, since: datetime) -> dict[tuple[str, str], int]:
    """Return how many notifications that were made since a time stand how, by way and state."""
    query = select(table.c.way, table.c.state, func.count()).where(table.c.made_at >= since)
    return {(row[0], row[1]): row[2] for row in await tx.execute(query.group_by(table.c.way, table.c.state))}
