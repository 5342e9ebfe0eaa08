"""Alert groups as a list is made of them: the worst first, each with what is called how, and since when.

It is counted in the database, because a group may have ten thousand alerts.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from bot.domain.alertgroup import State
from bot.domain.alertlist import Listed
from bot.ledger import alertgroups
from bot.ledger.ledger import Tx
from bot.ledger.statement import Row, Statement
from bot.ports import Place

_LIST: Final = """
    SELECT g.*, c.channel, c.ts, named.title, named.names, named.firing, named.since
    FROM alert_groups g
    LEFT JOIN cards c ON c.subject = 'alertgroup:' || g.id AND c.role = 'live' AND c.ts IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT (array_agg(a.labels::json ->> 'alertname' ORDER BY a.ends_at IS NOT NULL, a.id))[1] AS title,
               count(DISTINCT a.labels::json ->> 'alertname') AS names,
               count(*) FILTER (WHERE a.ends_at IS NULL) AS firing,
               coalesce(min(a.starts_at) FILTER (WHERE a.ends_at IS NULL), min(a.starts_at)) AS since
        FROM alerts a WHERE a.group_id = g.id
    ) named
    WHERE (g.state <> 'resolved' OR g.resolved_at > :ended_after)
      AND (CAST(:severity AS integer) IS NULL OR g.severity = :severity)
      AND (CAST(:state AS text) IS NULL OR g.state = :state)
      AND (CAST(:by AS text) IS NULL OR g.acked_by = :by)
      AND (CAST(:service AS text) IS NULL OR EXISTS (
            SELECT FROM alerts a WHERE a.group_id = g.id AND a.labels::json ->> 'service' = :service))
    ORDER BY g.state = 'resolved', g.severity DESC, g.id DESC
    LIMIT :most OFFSET :skipped
"""
_PAGE = Statement(text(_LIST))

Found = Sequence[tuple[Listed, Place | None]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which groups are wanted. Those that have ended only if it was after a time; a service by its label."""

    ended_after: datetime
    severity: int | None = None
    service: str | None = None
    state: State | None = None
    by: str | None = None  # is at it


async def page(tx: Tx, wanted: Wanted, *, most: int, skipped: int = 0) -> Found:
    """Return groups, the worst first, then the newest, each with where its card hangs; what has ended comes last."""
    rows = await tx.rows(_PAGE, **asdict(wanted), most=most, skipped=skipped)
    return [(_listed(row), Place(row["channel"], row["ts"]) if row["ts"] else None) for row in rows]


def _listed(row: Row) -> Listed:
    title = row["title"] or "alert without a name"
    return Listed(alertgroups.read(row), title, int(row["names"]), int(row["firing"]), row["since"])


async def of_state(tx: Tx, state: State, *, by: str | None = None, most: int) -> Found:
    """Return the open groups that stand so, and that a person is at where one is named; the worst first."""
    return await page(tx, Wanted(tx.now, state=state, by=by), most=most)
