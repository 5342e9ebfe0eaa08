"""What was seen to have touched a target before alerts about it began; and which cards say so."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Text, any_, bindparam, cast, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.alert import Alert, Severity
from bot.domain.alertgroup import State
from bot.domain.cause import Cause, Onset
from bot.domain.target import Target
from bot.ledger.alert_tables import alert_groups, alerts
from bot.ledger.alertgroups import subject
from bot.ledger.cause_tables import causes as table
from bot.ledger.ledger import Tx
from bot.ledger.schema import cards, events, operations
from bot.ledger.statement import Reads, Row, Statement

_OF_GROUP = Statement(
    select(table).where(table.c.group_id == bindparam("group_id")).order_by(table.c.began_at, table.c.looked_at)
)
_OF_OPERATIONS = Statement(
    select(table)
    .where(table.c.operation_id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(table.c.began_at, table.c.group_id)
)
_QUIET = Statement(
    select(func.max(events.c.at).label("at")).where(
        events.c.subject == bindparam("about"), events.c.kind == "alertgroup.quiet"
    )
)
_LIVE = Statement(
    select(events.c.at, events.c.payload)
    .where(
        events.c.subject == bindparam("about"), events.c.kind == bindparam("what"), events.c.at >= bindparam("since")
    )
    .order_by(events.c.id)
)
_BY_CHANGE = (
    select(literal("alertgroup:") + cast(table.c.group_id, Text))
    .join(operations, operations.c.id == table.c.operation_id)
    .where(operations.c.change_id == bindparam("change"))
)
_IN_ORDER = (
    select(cards.c.id)
    .where(cards.c.subject.in_(_BY_CHANGE), cards.c.role == "live")
    .order_by(func.convert_to(cards.c.subject, "UTF8"), cards.c.id)  # as all do who touch several (`bot.ledger.cards`)
    .with_for_update(key_share=True)
    .cte("in_order")
)
_STALE = Statement(update(cards).where(cards.c.id == _IN_ORDER.c.id).values(revision=cards.c.revision + 1))
_BEGUN = Statement(
    select(alerts.c.group_id, alerts.c.labels, alerts.c.starts_at, alerts.c.fingerprint)
    .join(alert_groups, alert_groups.c.id == alerts.c.group_id)
    .where(alerts.c.ends_at.is_(None), alerts.c.starts_at > bindparam("since"))
    .where(alert_groups.c.state != State.RESOLVED.value, alert_groups.c.severity >= bindparam("severity"))
    .where(alerts.c.labels.like(any_(bindparam("patterns", type_=ARRAY(Text)))))
    .order_by(alerts.c.starts_at, alerts.c.id)
    .limit(500)
)
_WILD = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


def _read(row: Row) -> Cause:
    return Cause(
        group=row["group_id"],
        target=Target(row["service"], row["environment"]),
        onset=Onset(row["began_at"], row["told_at"], row["name"]),
        operation=row["operation_id"],
        touched_at=row["touched_at"],
        live_at=row["live_at"],
        more=row["more"],
    )


async def add(tx: Tx, cause: Cause) -> None:
    """Write down what was seen; what was written already stays."""
    values = {
        "group_id": cause.group,
        "service": cause.target.service,
        "environment": cause.target.environment,
        "began_at": cause.onset.began_at,
        "told_at": cause.onset.told_at,
        "name": cause.onset.name,
        "operation_id": cause.operation,
        "touched_at": cause.touched_at,
        "live_at": cause.live_at,
        "more": cause.more,
        "looked_at": tx.now,
    }
    await tx.execute(insert(table).values(values).on_conflict_do_nothing())


async def of_group(tx: Reads, group_id: int) -> list[Cause]:
    """Return what was seen of a group's targets, oldest first; also where nothing was."""
    return [_read(row) for row in await tx.rows(_OF_GROUP, group_id=group_id)]


async def of_operations(tx: Reads, ids: Sequence[int]) -> list[Cause]:
    """Return what operations may have caused, oldest first."""
    return [_read(row) for row in await tx.rows(_OF_OPERATIONS, ids=sorted(ids))]


async def looked_since(tx: Reads, group_id: int, since: datetime | None) -> set[Target]:
    """Return the targets of a group that were looked at since a time."""
    rows = await tx.rows(_OF_GROUP, group_id=group_id)
    return {Target(row["service"], row["environment"]) for row in rows if since is None or row["looked_at"] > since}


async def quiet_at(tx: Reads, group_id: int) -> datetime | None:
    """Return when a group had nothing that fires last, by the ledger's events; None when that never was so."""
    row = await tx.row(_QUIET, about=subject(group_id))
    return row["at"] if row else None


async def live_since(tx: Reads, target: Target, operation: int, since: datetime, *, restart: bool) -> datetime | None:
    """Return when what an operation brought, or began anew, was first seen to serve; None when it never was."""
    kind = "target.restarted" if restart else "target.live"
    rows = await tx.rows(_LIVE, about=f"target:{target}", what=kind, since=since)
    return next((row["at"] for row in rows if json.loads(row["payload"])["operation"] == operation), None)


async def begun_since(tx: Reads, words: Sequence[str], since: datetime, severity: Severity) -> list[tuple[int, Alert]]:
    """Return the alerts that began after a time, still fire, and have one of the words as a label's value.

    Each comes with the number of its group; `severity` is the least that the worst of the group has.
    """
    patterns = [f"%:{json.dumps(word, ensure_ascii=False).translate(_WILD)}%" for word in words]
    rows = await tx.rows(_BEGUN, since=since, severity=int(severity), patterns=patterns)
    return [(row["group_id"], Alert(row["fingerprint"], json.loads(row["labels"]), row["starts_at"])) for row in rows]


def touch(tx: Tx, change_id: int) -> None:
    """Have the cards painted anew of the alert groups that a change may have caused; the audit does it."""

    async def stale(tx: Tx) -> None:
        tx.say(_STALE, change=change_id)

    tx.at_the_end(("causes", change_id), stale, first=True)
