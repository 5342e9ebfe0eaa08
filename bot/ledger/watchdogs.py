"""When each route's watchdog was heard of, and since when somebody has been there to hear it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.alertgroup import State
from bot.ledger.alert_tables import alert_groups
from bot.ledger.ledger import Tx
from bot.ledger.naming import MOMENT
from bot.ledger.silence_tables import watchdogs as table
from bot.ledger.statement import Statement


@dataclass(frozen=True, slots=True)
class Watched:
    """When a route's watchdog was heard last, and since when somebody has listened without a gap."""

    heard_at: datetime | None
    listening_since: datetime

    @property
    def quiet_since(self) -> datetime:
        """Since when it has been quiet, as far as anybody could hear."""
        return max(self.heard_at or self.listening_since, self.listening_since)


def _hearing() -> Statement:
    now = bindparam("now", type_=MOMENT)
    made = upsert(table).values(route=bindparam("route"), heard_at=now, listening_since=now, watched_at=now)
    return Statement(made.on_conflict_do_update(index_elements=["route"], set_={"heard_at": made.excluded.heard_at}))


def _watching() -> Statement:
    now = bindparam("now", type_=MOMENT)
    made = upsert(table).values(route=bindparam("route"), listening_since=now, watched_at=now)
    gap = table.c.watched_at < bindparam("gap_before", type_=MOMENT)
    since = case((gap, func.greatest(table.c.listening_since, now)), else_=table.c.listening_since)
    again = {"listening_since": since, "watched_at": now}
    return Statement(
        made.on_conflict_do_update(index_elements=["route"], set_=again).returning(
            table.c.heard_at, table.c.listening_since
        )
    )


_HEAR, _WATCH = _hearing(), _watching()


def hear(tx: Tx, route: str) -> None:
    """Note that a route's watchdog was heard now."""
    tx.say(_HEAR, route=route, now=tx.now)


async def watch(tx: Tx, route: str, *, gap: timedelta) -> Watched:
    """Note that somebody is there to hear; after a gap longer than that, only from now on."""
    row = await tx.row(_WATCH, route=route, now=tx.now, gap_before=tx.now - gap)
    assert row is not None  # noqa: S101 - an upsert returns its row
    return Watched(row["heard_at"], row["listening_since"])


async def is_open(tx: Tx, route: str, key: str) -> bool:
    """Whether a group of a key has not ended."""
    its = alert_groups.c.route == route, alert_groups.c.key == key
    query = select(alert_groups.c.id).where(*its, alert_groups.c.state != State.RESOLVED)
    return (await tx.execute(query)).first() is not None
