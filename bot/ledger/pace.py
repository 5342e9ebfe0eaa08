"""Slack's limits, kept together by all replicas: a row per limit, the generic cell rate algorithm (ITU-T I.371).

`next_at` is the theoretical arrival time. A call may go when `next_at` is no further off than the burst allows, and
moves it on by the interval; calls that are not urgent may use only half the burst, so that a flood of cosmetic edits
leaves room for what people did.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from bot.ledger.ledger import Tx

_TAKE = text(
    "INSERT INTO pace AS p (key, next_at) VALUES (:key, :now + :interval)"
    " ON CONFLICT (key) DO UPDATE SET next_at = GREATEST(p.next_at, :now) + :interval"
    " WHERE p.next_at <= :now + :room RETURNING next_at"
)
_WHEN = text("SELECT next_at FROM pace WHERE key = :key")
_STOP = text(
    "INSERT INTO pace AS p (key, next_at) VALUES (:key, :until)"
    " ON CONFLICT (key) DO UPDATE SET next_at = GREATEST(p.next_at, :until)"
)


@dataclass(frozen=True, slots=True)
class Limit:
    """One call per `interval` in the long run, and up to `burst` of them at once."""

    key: str
    interval: timedelta
    burst: int


async def take(tx: Tx, limit: Limit, *, urgent: bool) -> datetime | None:
    """Take a place under a limit; None when it may be used now, else the time to ask again."""
    room = limit.interval * (limit.burst - 1 if urgent else max(limit.burst // 2 - 1, 0))
    values = {"key": limit.key, "now": tx.now, "interval": limit.interval, "room": room}
    if (await tx.execute(_TAKE, values)).first() is not None:
        return None
    next_at: datetime = (await tx.execute(_WHEN, {"key": limit.key})).scalar_one()
    return max(next_at - room, tx.now + timedelta(milliseconds=50))


async def stop(tx: Tx, limit: Limit, *, until: datetime) -> None:
    """Honour a 429: nothing goes under this limit before a time."""
    blocked = until + limit.interval * (limit.burst - 1)
    await tx.execute(_STOP, {"key": limit.key, "until": blocked})
