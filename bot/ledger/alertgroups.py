"""Alert groups and the alerts in them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, RowMapping, Text, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.alert import Alert, Severity
from bot.domain.alertgroup import Event, Group, State, evolve
from bot.domain.canonical import canonical
from bot.ledger import cards, reports
from bot.ledger.alert_tables import alert_groups as table
from bot.ledger.alert_tables import alerts, deliveries
from bot.ledger.ledger import Tx
from bot.ledger.naming import MOMENT
from bot.ledger.statement import Reads, Row, Statement

_MOVING = ("state", "severity", "acked_by", "acked_at", "acked_until", "resolved_at")
_ALERT = ("fingerprint", "labels", "annotations", "source", "starts_at", "ends_at")

_LOCK = Statement(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=Text), 0))))
_GET = Statement(select(table).where(table.c.id == bindparam("its_id")))
_FOR_UPDATE = Statement(select(table).where(table.c.id == bindparam("its_id")).with_for_update())
_NEWEST = Statement(
    select(table)
    .where(table.c.route == bindparam("by_route"), table.c.key == bindparam("its_key"))
    .order_by(table.c.id.desc())
    .limit(1)
)
_ALERTS = Statement(select(alerts).where(alerts.c.group_id == bindparam("its_id")).order_by(alerts.c.id))
_OPENED = ("route", "key", "labels", "state", "severity", "missing", "link", "opened_at", "told_at")
_OPEN = Statement(insert(table).values({name: bindparam(name) for name in _OPENED}).returning(table.c.id))
_TOLD = Statement(
    update(table)
    .where(table.c.id == bindparam("its_id"))
    .values({name: bindparam(name) for name in ("labels", "missing", "link", "told_at")})
)
_HAPPEN = Statement(
    update(table)
    .where(table.c.id == bindparam("its_id"), table.c.revision == bindparam("seen"))
    .values({**{name: bindparam(name) for name in _MOVING}, "revision": table.c.revision + 1})
)


def _noting() -> Statement:
    made = upsert(deliveries).values(
        route=bindparam("route"), digest=bindparam("digest"), first_at=bindparam("at"), last_at=bindparam("at")
    )
    again = {"last_at": made.excluded.last_at, "times": deliveries.c.times + 1}
    return Statement(made.on_conflict_do_update(index_elements=["route", "digest"], set_=again))


def _writing() -> Statement:
    types = {name: MOMENT if name.endswith("_at") else Text() for name in _ALERT}
    columns = [func.unnest(bindparam(name, type_=ARRAY(types[name]))) for name in _ALERT]
    made = upsert(alerts).from_select(
        ["group_id", *_ALERT], select(bindparam("its_id", type_=table.c.id.type), *columns)
    )
    told = {name: made.excluded[name] for name in _ALERT if name != "fingerprint"}
    return Statement(made.on_conflict_do_update(index_elements=["group_id", "fingerprint"], set_=told))


_NOTE, _WRITE = _noting(), _writing()


def subject(group_id: int) -> str:
    """Return how events and cards name a group."""
    return f"alertgroup:{group_id}"


def read(row: Row | RowMapping) -> Group:
    """Return the group of a row."""
    return Group(
        id=row["id"],
        route=row["route"],
        key=row["key"],
        labels=json.loads(row["labels"]),
        state=State(row["state"]),
        severity=Severity(row["severity"]),
        acked_by=row["acked_by"],
        acked_at=row["acked_at"],
        acked_until=row["acked_until"],
        missing=row["missing"],
        link=row["link"],
        opened_at=row["opened_at"],
        resolved_at=row["resolved_at"],
        revision=row["revision"],
    )


def _alert(row: Row) -> Alert:
    return Alert(
        row["fingerprint"],
        json.loads(row["labels"]),
        row["starts_at"],
        row["ends_at"],
        json.loads(row["annotations"]),
        row["source"],
    )


def note_delivery(tx: Tx, route: str, digest: str) -> None:
    """Note that these very bytes were told by a route."""
    tx.say(_NOTE, route=route, digest=digest, at=tx.now)


async def current(tx: Tx, route: str, key: str, *, within: timedelta) -> Group | None:
    """Return the group of a key, locked until the commit: the open one, or one that ended not longer ago than that.

    Nobody else opens one of this key meanwhile.
    """
    tx.say(_LOCK, name=f"alertgroup:{route}/{key}")
    row = await tx.row(_NEWEST, by_route=route, its_key=key)
    if row is None or (row["resolved_at"] is not None and tx.now - row["resolved_at"] > within):
        return None
    return read(row)


async def open_one(tx: Tx, group: Group) -> Group:
    """Write a new group down; return it with its number."""
    values = {
        "route": group.route,
        "key": group.key,
        "labels": canonical(group.labels),
        "state": group.state,
        "severity": group.severity,
        "missing": group.missing,
        "link": group.link,
        "opened_at": tx.now,
        "told_at": tx.now,
    }
    made = await tx.row(_OPEN, **values)
    assert made is not None  # noqa: S101 - an INSERT returns its row
    return replace(group, id=int(made["id"]), opened_at=tx.now)


async def get(tx: Reads, group_id: int) -> Group | None:
    """Return a group by its number, or None."""
    row = await tx.row(_GET, its_id=group_id)
    return read(row) if row else None


async def locked(tx: Tx, group_id: int) -> Group | None:
    """Return a group that nobody else changes until the commit, or None."""
    row = await tx.row(_FOR_UPDATE, its_id=group_id)
    return read(row) if row else None


async def alerts_of(tx: Reads, group_id: int) -> list[Alert]:
    """Return the alerts of a group, those first that were told of first."""
    return [_alert(row) for row in await tx.rows(_ALERTS, its_id=group_id)]


def write_alerts(tx: Tx, group: Group, told: Sequence[Alert]) -> None:
    """Write alerts down as they were told."""
    if told:
        rows = {
            "fingerprint": [one.fingerprint for one in told],
            "labels": [canonical(one.labels) for one in told],
            "annotations": [canonical(one.annotations) for one in told],
            "source": [one.source for one in told],
            "starts_at": [one.starts_at for one in told],
            "ends_at": [one.ends_at for one in told],
        }
        tx.write(_WRITE, its_id=group.id, **rows)


def told(tx: Tx, group: Group) -> None:
    """Note what a monitor said last of a group itself, and when."""
    values = {"labels": canonical(group.labels), "missing": group.missing, "link": group.link, "told_at": tx.now}
    tx.say(_TOLD, its_id=group.id, **values)


def happen(tx: Tx, group: Group, event: Event, *, actor: str, **particulars: object) -> Group:
    """Let an event happen to a group: decide, write (fenced), record it, and have its cards repainted."""
    after = evolve(group, event)
    ended = after.state is State.RESOLVED
    after = replace(after, revision=group.revision + 1, resolved_at=(group.resolved_at or tx.now) if ended else None)
    tx.write(_HAPPEN, its_id=group.id, seen=group.revision, **{name: getattr(after, name) for name in _MOVING})
    kind = f"alertgroup.{type(event).__name__.lower()}"
    tx.record(kind, actor=actor, subject=subject(group.id), state=after.state, **particulars)
    reports.follow(tx, subject(group.id))
    cards.touch(tx, subject(group.id), urgent=True)
    return after


async def open_ones(tx: Tx, *, most: int = 100) -> list[Group]:
    """Return the groups that have not ended, the worst first, then the newest."""
    query = select(table).where(table.c.state != State.RESOLVED).order_by(table.c.severity.desc(), table.c.id.desc())
    return [read(row) for row in (await tx.execute(query.limit(most))).mappings()]


async def leases_over(tx: Tx, now: datetime) -> list[int]:
    """Return the numbers of the acknowledged groups whose person is to be asked whether they are still at it."""
    query = select(table.c.id).where(table.c.state == State.ACKNOWLEDGED, table.c.acked_until <= now)
    return list((await tx.execute(query)).scalars())
