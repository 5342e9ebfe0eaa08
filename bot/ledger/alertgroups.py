"""Alert groups and the alerts in them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ARRAY, RowMapping, Text, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.alert import Alert, Severity
from bot.domain.alertgroup import Event, Group, State, evolve
from bot.domain.canonical import canonical
from bot.ledger import cards, escalations, reports
from bot.ledger.alert_tables import alert_groups as table
from bot.ledger.alert_tables import alerts, deliveries
from bot.ledger.ledger import Tx
from bot.ledger.naming import MOMENT
from bot.ledger.statement import Reads, Row, Statement

_MOVING = ("state", "severity", "acked_by", "acked_at", "acked_until", "resolved_at", "closed_by", "closed_why")
_ALERT = ("fingerprint", "labels", "annotations", "source", "starts_at", "ends_at")

_GET = Statement(select(table).where(table.c.id == bindparam("its_id")))
_FOR_UPDATE = Statement(select(table).where(table.c.id == bindparam("its_id")).with_for_update(key_share=True))
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
    times = deliveries.c.times
    again = {"last_at": made.excluded.last_at, "times": times + 1}
    return Statement(made.on_conflict_do_update(index_elements=["route", "digest"], set_=again).returning(times))


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
        closed_by=row["closed_by"],
        closed_why=row["closed_why"],
        revision=row["revision"],
    )


def read_alert(row: Row) -> Alert:
    """Return the alert of a row."""
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


async def times_delivered(tx: Tx, route: str, digest: str) -> int:
    """Note it as well, and return how often they have been, with this time."""
    row = await tx.row(_NOTE, route=route, digest=digest, at=tx.now)
    assert row is not None  # noqa: S101 - an upsert returns its row
    return int(row["times"])


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
    return [read_alert(row) for row in await tx.rows(_ALERTS, its_id=group_id)]


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
    """Let an event happen to a group: decide, write (fenced), record it; its escalation and its cards follow."""
    after = evolve(group, event)
    ended = after.state is State.RESOLVED
    after = replace(after, revision=group.revision + 1, resolved_at=(group.resolved_at or tx.now) if ended else None)
    tx.write(_HAPPEN, its_id=group.id, seen=group.revision, **{name: getattr(after, name) for name in _MOVING})
    kind = f"alertgroup.{type(event).__name__.lower()}"
    tx.record(kind, actor=actor, subject=subject(group.id), state=after.state, **particulars)
    if after.state is not group.state:
        escalations.follow(tx, after, actor=actor)
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


async def cut_short(tx: Tx) -> list[Group]:
    """Return the open groups of which a monitor named no alert that fires, and left some out."""
    fires = select(alerts.c.id).where(alerts.c.group_id == table.c.id, alerts.c.ends_at.is_(None)).exists()
    query = select(table).where(table.c.state != State.RESOLVED, table.c.missing > 0, ~fires).order_by(table.c.id)
    return [read(row) for row in (await tx.execute(query)).mappings()]
