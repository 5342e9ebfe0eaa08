"""How the ledger is: figures for a dashboard and for `/readyz`, each by one query that an index answers.

Operations that have ended are read from the sealed chain, because its order has no gaps: who remembers the last place
it has read misses none and counts none twice, however transactions overlapped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text

from bot.ledger.ledger import Tx

_VERSION = text("SELECT version_num FROM alembic_version")
_HEAD = text("SELECT coalesce(max(sequence), 0) FROM events")
_OLDEST_UNSEALED = text("SELECT at FROM events WHERE sequence IS NULL ORDER BY id LIMIT 1")
_JOBS = text("SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'todo' GROUP BY task_name")
_STALE = text("SELECT count(*), min(coalesce(queued_at, due_at)) FROM cards WHERE shown_revision < revision")
_UNKNOWN = text("SELECT environment, count(*) FROM operations WHERE state = 'unknown' GROUP BY environment")
_ALERTING = text("SELECT state, count(*) FROM alert_groups WHERE state <> 'resolved' GROUP BY state")
_ENDED = text(
    "SELECT e.sequence, o.environment, o.kind, o.state, o.started_at, o.finished_at"
    " FROM events e JOIN operations o ON o.id = substr(e.subject, 11)::bigint"
    " WHERE e.sequence > :after AND e.kind IN ('operation.passed', 'operation.failed', 'operation.wentback',"
    "   'operation.cancelled', 'operation.settled')"
    " ORDER BY e.sequence LIMIT 5000"
)


@dataclass(frozen=True, slots=True)
class Ended:
    """An operation that has ended; `seconds` from its start, None when it never started."""

    place: int
    environment: str
    kind: str
    state: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Staleness:
    """How many cards show less than they should, and since when the one that waits longest does."""

    cards: int
    since: datetime | None


async def version(tx: Tx) -> str:
    """Return the version of the schema."""
    return str((await tx.execute(_VERSION)).scalar_one())


async def head(tx: Tx) -> int:
    """Return the last place of the chain."""
    return int((await tx.execute(_HEAD)).scalar_one())


async def oldest_unsealed(tx: Tx) -> datetime | None:
    """Return since when the oldest event waits to be sealed, or None when none does."""
    found: datetime | None = (await tx.execute(_OLDEST_UNSEALED)).scalar_one_or_none()
    return found


async def jobs_waiting(tx: Tx) -> dict[str, int]:
    """Return how many jobs of each kind wait for a worker."""
    return {row[0]: row[1] for row in await tx.execute(_JOBS)}


async def unknown_operations(tx: Tx) -> dict[str, int]:
    """Return of how many operations nobody knows how they ended, by environment."""
    return {row[0]: row[1] for row in await tx.execute(_UNKNOWN)}


async def open_alert_groups(tx: Tx) -> dict[str, int]:
    """Return how many alert groups have not ended, by state."""
    return {row[0]: row[1] for row in await tx.execute(_ALERTING)}


async def stale_cards(tx: Tx) -> Staleness:
    """Return how far Slack is behind the ledger."""
    row = (await tx.execute(_STALE)).one()
    return Staleness(row[0], row[1])


async def ended_after(tx: Tx, place: int) -> Sequence[Ended]:
    """Return the operations whose end was sealed after a place of the chain, in order, at most 5,000."""
    rows = (await tx.execute(_ENDED, {"after": place})).mappings()
    return [Ended(r["sequence"], r["environment"], r["kind"], r["state"], _lasted(r)) for r in rows]


def _lasted(row: RowMapping) -> float | None:
    started_at, finished_at = row["started_at"], row["finished_at"]
    return (finished_at - started_at).total_seconds() if started_at else None
