"""Doubts: alerts of which the monitor, when it is asked, says otherwise than the ledger; and since when it does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Text, bindparam, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.alertgroup import State
from bot.ledger.alert_tables import alert_groups, alerts
from bot.ledger.ledger import Tx
from bot.ledger.naming import MOMENT
from bot.ledger.silence_tables import doubts as table
from bot.ledger.statement import Row, Statement

Which = tuple[int, str]  # a group's number, and a fingerprint in it


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger says of an alert: that it fires, or (`ended_at`) since when it does not."""

    group_id: int
    fingerprint: str
    ended_at: datetime | None


_ROUTES = alert_groups.c.route == func.any(bindparam("routes", type_=ARRAY(Text)))
_FIRING = Statement(
    select(alerts.c.group_id, alerts.c.fingerprint, alerts.c.ends_at)
    .join(alert_groups, alerts.c.group_id == alert_groups.c.id)
    .where(
        _ROUTES,
        alert_groups.c.state != State.RESOLVED.value,
        alert_groups.c.key != bindparam("own_key"),
        alerts.c.ends_at.is_(None),
    )
)
_NEWEST = Statement(
    select(alerts.c.group_id, alerts.c.fingerprint, alerts.c.ends_at)
    .ext(distinct_on(alerts.c.fingerprint))
    .join(alert_groups, alerts.c.group_id == alert_groups.c.id)
    .where(_ROUTES, alerts.c.fingerprint == func.any(bindparam("among", type_=ARRAY(Text))))
    .order_by(alerts.c.fingerprint, alerts.c.group_id.desc())
)
_PAIRS = select(
    func.unnest(bindparam("groups", type_=ARRAY(BigInteger))).label("group_id"),
    func.unnest(bindparam("fingerprints", type_=ARRAY(Text))).label("fingerprint"),
)


def _forgetting() -> Statement:
    pairs = _PAIRS.subquery()
    its = tuple_(table.c.group_id, table.c.fingerprint)
    of_routes = table.c.group_id.in_(select(alert_groups.c.id).where(_ROUTES))
    return Statement(delete(table).where(of_routes, its.not_in(select(pairs.c.group_id, pairs.c.fingerprint))))


def _noting() -> Statement:
    pairs = _PAIRS.subquery()
    new = select(pairs.c.group_id, pairs.c.fingerprint, bindparam("now", type_=MOMENT))
    return Statement(upsert(table).from_select(["group_id", "fingerprint", "since"], new).on_conflict_do_nothing())


_FORGET, _NOTE = _forgetting(), _noting()
_ALL = Statement(
    select(table).where(table.c.group_id.in_(select(alert_groups.c.id).where(_ROUTES))).order_by(table.c.group_id)
)


async def firing(tx: Tx, routes: Iterable[str], *, own_key: str) -> list[Known]:
    """Return what fires by the ledger in the open groups of routes, but for groups of our own."""
    return [_known(row) for row in await tx.rows(_FIRING, routes=list(routes), own_key=own_key)]


async def newest(tx: Tx, routes: Iterable[str], fingerprints: Iterable[str]) -> list[Known]:
    """Return what the ledger said last of alerts, of those that it knows."""
    return [_known(row) for row in await tx.rows(_NEWEST, routes=list(routes), among=list(fingerprints))]


def _known(row: Row) -> Known:
    return Known(int(row["group_id"]), str(row["fingerprint"]), row["ends_at"])


async def hold(tx: Tx, routes: Iterable[str], doubtful: Sequence[Which]) -> dict[Which, datetime]:
    """Hold these doubts about the routes' alerts and no others; return since when each has been held."""
    pairs = {"groups": [group for group, _ in doubtful], "fingerprints": [name for _, name in doubtful]}
    of = list(routes)
    tx.say(_FORGET, routes=of, **pairs)
    tx.say(_NOTE, now=tx.now, **pairs)
    return {(row["group_id"], row["fingerprint"]): row["since"] for row in await tx.rows(_ALL, routes=of)}
