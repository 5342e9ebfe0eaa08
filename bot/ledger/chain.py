"""The chain of events: sealing, verifying, exporting.

Appending takes no global lock; an event carries the SHA-256 of its own content. `seal` gives unsealed events their
place in one sequence, in batches, and chains them: hash = SHA-256(previous hash + sequence + content hash). The head
is noted apart from the events, so that cutting off the newest, or rewriting all of them, is found as well. `verify`
walks the chain and names the first row that was edited, removed, inserted or moved.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.canonical import sha256
from bot.domain.target import Target
from bot.ledger.ledger import Fact, Tx
from bot.ledger.schema import chain_head
from bot.ledger.schema import events as table

GENESIS = "0" * 64
BATCH = 1000
LATE = timedelta(minutes=5)  # no transaction of ours is open this long, so nothing follows what is so much younger
_ONE_SEALER = text("SELECT pg_try_advisory_xact_lock(hashtext('slipway.seal'))")


def chained(previous: str, sequence: int, content_hash: str) -> str:
    """Return the hash of a place in the chain."""
    return sha256(f"{previous}{sequence}{content_hash}")


_PLACE = (
    update(table)
    .where(table.c.id == bindparam("event"))
    .values(
        sequence=bindparam("place"),
        previous_hash=bindparam("before"),
        hash=bindparam("digest"),
        sealed_at=bindparam("now"),
    )
)


async def _head(tx: Tx) -> tuple[int, str]:
    query = select(table.c.sequence, table.c.hash).where(table.c.sequence.is_not(None))
    row = (await tx.execute(query.order_by(table.c.sequence.desc()).limit(1))).first()
    return (row[0], row[1]) if row else (0, GENESIS)


async def seal(tx: Tx) -> int:
    """Seal the next batch of events; return how many. One replica does it at a time."""
    if not (await tx.execute(_ONE_SEALER)).scalar_one():
        return 0
    sequence, previous = await _head(tx)
    query = select(table.c.id, table.c.content_hash).where(table.c.sequence.is_(None)).order_by(table.c.id).limit(BATCH)
    rows = []
    for event_id, content_hash in await tx.execute(query):
        sequence += 1
        digest = chained(previous, sequence, content_hash)
        rows.append({"event": event_id, "place": sequence, "before": previous, "digest": digest, "now": tx.now})
        previous = digest
    if rows:
        await tx.execute(_PLACE, rows)
        await _note_head(tx, sequence, previous)
    return len(rows)


async def _note_head(tx: Tx, sequence: int, digest: str) -> None:
    values = {"sequence": sequence, "hash": digest, "sealed_at": tx.now}
    noted = insert(chain_head).values(values).on_conflict_do_update(index_elements=["one"], set_=values)
    await tx.execute(noted)


async def _noted_head(tx: Tx) -> tuple[int, str]:
    row = (await tx.execute(select(chain_head.c.sequence, chain_head.c.hash))).first()
    return (row[0], row[1]) if row else (0, GENESIS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the chain found: how many events hold, and the first that does not, in words."""

    sealed: int
    unsealed: int
    head: str
    bad: str | None = None


async def verify(tx: Tx) -> Verdict:
    """Walk the whole chain; O(events), in batches, changing nothing."""
    head = await _noted_head(tx)  # read first: what is sealed while we walk only adds to it
    previous, place, newest = GENESIS, 0, None
    async for row in walk(tx):
        bad = _wrong(row, place + 1, previous, newest) or _rewritten(row, head)
        if bad is not None:
            return Verdict(place, 0, previous, bad)
        previous, place = row["hash"], row["sequence"]
        newest = max(newest or row["at"], row["at"])
    if place < head[0]:
        cut = f"the chain ends at place {place} and reached place {head[0]}: its newest events were removed"
        return Verdict(place, 0, previous, cut)
    unsealed, bad = await _tail(tx, newest)
    return Verdict(place, unsealed, previous, bad)


def _rewritten(row: RowMapping, head: tuple[int, str]) -> str | None:
    if (row["sequence"] == head[0]) and row["hash"] != head[1]:
        return f"the chain was rewritten: place {head[0]} has another hash than was noted when it was sealed"
    return None


def _wrong(row: RowMapping, place: int, previous: str, newest: datetime | None) -> str | None:
    name = f"event {row['id']} (place {row['sequence']}, {row['at']:%Y-%m-%d %H:%M:%S} UTC, {row['kind']})"
    if row["sequence"] != place:
        return f"place {place} of the chain is missing: an event was removed before {name}"
    if _content(row) != row["content_hash"]:
        return f"{name} was edited: its content no longer has the hash it was written with"
    if row["previous_hash"] != previous:
        return f"{name} does not follow the event before it: an event was removed, inserted or moved here"
    if chained(previous, place, row["content_hash"]) != row["hash"]:
        return f"{name} was edited or moved: its place in the chain does not fit its content"
    if newest is not None and row["at"] < newest - LATE:
        return f"{name} was inserted afterwards: it was sealed long after the time it claims"
    return None


async def _tail(tx: Tx, newest: datetime | None) -> tuple[int, str | None]:
    query = select(table).where(table.c.sequence.is_(None)).order_by(table.c.id)
    count = 0
    for row in (await tx.execute(query)).mappings():
        count += 1
        if _content(row) != row["content_hash"]:
            return count, f"event {row['id']} ({row['kind']}, not yet sealed) was edited"
        if newest is not None and row["at"] < newest - LATE:
            return count, f"event {row['id']} ({row['kind']}, not yet sealed) was inserted afterwards"
    return count, None


def _content(row: RowMapping) -> str:
    return Fact(row["at"], row["actor"], row["subject"], row["kind"], row["payload"]).content_hash


async def walk(tx: Tx) -> AsyncIterator[RowMapping]:
    """Yield the sealed events in the chain's order, in batches."""
    place = -1
    while True:
        query = select(table).where(table.c.sequence > place).order_by(table.c.sequence).limit(BATCH)
        rows = (await tx.execute(query)).mappings().all()
        if not rows:
            return
        for row in rows:
            yield row
        place = rows[-1]["sequence"]


async def live_at(tx: Tx, target: Target, at: datetime) -> int | None:
    """Return the number of the release that was seen to go live last on a target before a time, or None."""
    query = (
        select(table.c.payload)
        .where(table.c.subject == f"target:{target}", table.c.kind == "target.live", table.c.at <= at)
        .order_by(table.c.id.desc())
        .limit(1)
    )
    payload = (await tx.execute(query)).scalar_one_or_none()
    return int(json.loads(payload)["release"]) if payload else None


async def of_subject(tx: Tx, subject: str, *, kind: str | None = None) -> list[RowMapping]:
    """Return what happened to a subject, oldest first."""
    query = select(table).where(table.c.subject == subject).order_by(table.c.id)
    if kind is not None:
        query = query.where(table.c.kind == kind)
    return list((await tx.execute(query)).mappings())


async def unsealed(tx: Tx) -> int:
    """Return how many events wait to be sealed."""
    query = select(func.count()).select_from(table).where(table.c.sequence.is_(None))
    return int((await tx.execute(query)).scalar_one())
