"""Silences, as they are wished and as Alertmanager is known to hold them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import ARRAY, RowMapping, bindparam, func, insert, or_, select, text, update

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group
from bot.domain.alertgroup import State as GroupState
from bot.domain.canonical import canonical
from bot.domain.silence import Matcher, Silence, State
from bot.ledger import alertgroups, cards
from bot.ledger.alert_tables import alert_groups, alerts
from bot.ledger.ledger import Tx
from bot.ledger.silence_tables import LIVING
from bot.ledger.silence_tables import silences as table
from bot.ledger.statement import Reads, Row, Statement

_OURS = ("monitor", "key", "group_id", "by", "author", "reason", "asked_at")
_MOVING = (
    *("state", "ends_at", "held_id", "held_until", "sent_at", "busy_until", "tries", "fault", "ended_by"),
    *("matchers", "covers"),
)
_LIVING = Statement(select(table).where(table.c.monitor == bindparam("by_monitor"), text(LIVING)).order_by(table.c.id))
_GET = Statement(select(table).where(table.c.id == bindparam("its_id")))
_FOR_UPDATE = Statement(select(table).where(table.c.id == bindparam("its_id")).with_for_update(key_share=True))
_WRITE = Statement(
    update(table)
    .where(table.c.id == bindparam("its_id"), table.c.revision == bindparam("seen"))
    .values({**{name: bindparam(name) for name in _MOVING}, "revision": table.c.revision + 1})
)
_EVERY = Statement(select(table).where(text(LIVING)).order_by(table.c.id))
_FIRES = (
    select(alerts, alert_groups.c.route, alert_groups.c.key)
    .join(alert_groups, alerts.c.group_id == alert_groups.c.id)
    .where(alert_groups.c.state != GroupState.RESOLVED.value, alerts.c.ends_at.is_(None))
)
_FIRING = Statement(_FIRES)
_FIRING_IN = Statement(
    _FIRES.where(alerts.c.group_id == func.any(bindparam("among", type_=ARRAY(alerts.c.group_id.type))))
)


def subject(silence_id: int) -> str:
    """Return how events and cards name a silence."""
    return f"silence:{silence_id}"


def read(row: Row | RowMapping) -> Silence:
    """Return the silence of a row."""
    known = {name: row[name] for name in (*_OURS, *_MOVING) if name not in {"matchers", "covers", "state"}}
    return Silence(
        id=row["id"],
        revision=row["revision"],
        state=State(row["state"]),
        matchers=tuple(Matcher(**one) for one in json.loads(row["matchers"])),
        covers=tuple(json.loads(row["covers"])),
        **known,
    )


def _values(silence: Silence) -> dict[str, object]:
    plain = {name: getattr(silence, name) for name in _MOVING}
    return plain | {
        "matchers": canonical([asdict(one) for one in silence.matchers]),
        "covers": canonical(list(silence.covers)),
    }


async def add(tx: Tx, silence: Silence) -> Silence:
    """Write a new silence down; return it with its number."""
    values = {**{name: getattr(silence, name) for name in _OURS}, **_values(silence), "asked_at": tx.now}
    number = int((await tx.execute(insert(table).values(values).returning(table.c.id))).scalar_one())
    return replace(silence, id=number, asked_at=tx.now)


async def of_key(tx: Tx, key: str) -> Silence | None:
    """Return the silence of a key, or None."""
    row = (await tx.execute(select(table).where(table.c.key == key))).mappings().first()
    return read(row) if row else None


async def get(tx: Reads, silence_id: int) -> Silence | None:
    """Return a silence by its number, or None."""
    row = await tx.row(_GET, its_id=silence_id)
    return read(row) if row else None


async def locked(tx: Tx, silence_id: int) -> Silence | None:
    """Return a silence that nobody else changes until the commit, or None."""
    row = await tx.row(_FOR_UPDATE, its_id=silence_id)
    return read(row) if row else None


def write(tx: Tx, before: Silence, after: Silence) -> Silence:
    """Write a silence as it is now (fenced by its revision); return it with its new one."""
    tx.write(_WRITE, its_id=before.id, seen=before.revision, **_values(after))
    return replace(after, revision=before.revision + 1)


async def living(tx: Reads, monitor: str | None) -> list[Silence]:
    """Return the silences of an Alertmanager that have not ended; of none where there is no such one."""
    return [read(row) for row in await tx.rows(_LIVING, by_monitor=monitor)] if monitor is not None else []


async def covering(tx: Reads, monitor: str | None, told: Iterable[Alert], now: datetime) -> set[str]:
    """Return the fingerprints of those alerts that are not to call anybody now."""
    known = [one for one in await living(tx, monitor) if one.held_until is not None and one.held_until > now]
    return {alert.fingerprint for alert in told if any(one.silences(alert, now) for one in known)}


async def unsettled(tx: Tx) -> list[int]:
    """Return the numbers of the silences that are not in the world as they are wished, and that nobody is at."""
    wishes = table.c.state != State.LIVE, table.c.held_until.is_distinct_from(table.c.ends_at)
    free = or_(table.c.busy_until.is_(None), table.c.busy_until <= tx.now)
    query = select(table.c.id).where(text(LIVING), or_(*wishes), free).order_by(table.c.id)
    return list((await tx.execute(query)).scalars())


async def every_living(tx: Reads) -> list[Silence]:
    """Return all the silences that have not ended."""
    return [read(row) for row in await tx.rows(_EVERY)]


async def firing(tx: Tx) -> list[tuple[int, str, Alert]]:
    """Return what fires in all open groups: the group's number, its route, and the alert."""
    rows = await tx.rows(_FIRING)
    return [(int(row["group_id"]), str(row["route"]), alertgroups.read_alert(row)) for row in rows]


async def firing_in(tx: Reads, groups: Iterable[int]) -> list[tuple[Group, Alert]]:
    """Return what fires in these groups, of which only the number, the route and the key are read."""
    rows = await tx.rows(_FIRING_IN, among=sorted(groups))
    return [(Group(row["group_id"], row["route"], row["key"]), alertgroups.read_alert(row)) for row in rows]


def touch(tx: Tx, silence: Silence, groups: Sequence[int]) -> None:
    """Have the cards painted anew that say something of a silence: its notices, and the groups'."""
    cards.touch(tx, subject(silence.id), urgent=True)
    for number in sorted({*groups, *([silence.group_id] if silence.group_id else [])}):
        cards.touch(tx, alertgroups.subject(number), urgent=True)


async def last_of(tx: Tx, group_id: int) -> Silence | None:
    """Return the silence that was asked for last on a group's card, or None."""
    query = select(table).where(table.c.group_id == group_id).order_by(table.c.id.desc()).limit(1)
    row = (await tx.execute(query)).mappings().first()
    return read(row) if row else None
