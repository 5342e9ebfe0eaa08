"""Requests: what people asked for in Slack, written down before the ack, and what they were told.

The key is Slack's own id of the deed (the trigger id), so that the same deed delivered twice is one request. With it is
kept what stood in the environment at that moment (`seen`): when the request is planned, the world may have moved.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from sqlalchemy import RowMapping, select, update

from bot.domain.canonical import canonical
from bot.domain.standing import Glance, Sight
from bot.ledger.ledger import Ledger, Tx
from bot.ledger.queue import URGENT, Job, deferring, queued
from bot.ledger.schema import changes
from bot.ledger.schema import requests as table

# By service, in the words of `Glance` and `Sight`. Holds on one target are placed one after the other, so that the
# newest number tells which of them stood.
_SEEN: LiteralString = """
    SELECT jsonb_object_agg(name, jsonb_build_object(
        'live', live, 'operation', operation, 'unknown', unknown, 'bringing', bringing, 'changed_at', changed_at,
        'hold', (SELECT max(id) FROM holds
                 WHERE environment = asked.environment AND service = name AND lifted_at IS NULL),
        'going_back', (SELECT max(id) FROM operations
                       WHERE environment = asked.environment AND service = name AND (kind = 'rollback' OR going_back)
                         AND state IN ('queued', 'running', 'verifying', 'rolling_back')),
        'coming', (SELECT max(id) FROM operations
                   WHERE environment = asked.environment AND service = name AND kind = 'deploy' AND NOT going_back
                     AND state IN ('running', 'verifying') AND id IS DISTINCT FROM operation)))
    FROM (
        SELECT service AS name, t.release_id AS live, t.operation_id AS operation, o.id AS unknown,
               o.to_release AS bringing, greatest(t.since, o.started_at) AS changed_at
        FROM (SELECT * FROM targets WHERE environment = asked.environment) t
        FULL JOIN (SELECT * FROM operations WHERE environment = asked.environment AND state = 'unknown') o
        USING (service)
    ) stood
"""
# Rows and their jobs in one statement: it stands between a person's word and Slack's ack. Its places are arrays.
TAKE: LiteralString = f"""
    WITH taken AS (
        INSERT INTO requests (key, person, channel, word, args, at, seen)
        SELECT key, person, channel, word, args, at, ({_SEEN})::text FROM unnest(
            %(key)s::text[], %(person)s::text[], %(channel)s::text[], %(word)s::text[], %(args)s::text[],
            %(at)s::timestamptz[], %(environment)s::text[]
        ) AS asked (key, person, channel, word, args, at, environment)
        ON CONFLICT (key) DO NOTHING RETURNING id
    )
    SELECT id, {deferring("plan", lock="'request:' || id", priority=URGENT)} FROM taken
"""  # noqa: S608 - words of ours


_LEFT_OVER: LiteralString = f"""
    SELECT id, answered_at IS NOT NULL AS answered FROM requests
    WHERE replied_at IS NULL AND at < %(before)s
      AND NOT {queued("CASE WHEN answered_at IS NULL THEN 'plan' ELSE 'reply' END", "requests.id")}
    ORDER BY answered, id LIMIT 100
"""  # noqa: S608 - words of ours


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody has just done in Slack, as it is taken."""

    key: str
    person: str
    channel: str
    word: str
    args: Mapping[str, object]

    def row(self, at: datetime) -> dict[str, object]:
        """Return it as a row."""
        return {
            "key": self.key,
            "person": self.person,
            "channel": self.channel,
            "word": self.word,
            "args": canonical(self.args),
            "environment": self.args.get("environment"),
            "at": at,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for: the word and its checked arguments; `seen` is what stood at that moment, by service."""

    id: int
    person: str
    channel: str
    word: str
    args: dict[str, object]
    at: datetime
    seen: Mapping[str, Sight] = field(default_factory=dict)
    answered: bool = False
    reply: str | None = None
    told: bool = False


def read(row: RowMapping) -> Asked:
    """Return the request of a row."""
    return Asked(
        id=row["id"],
        person=row["person"],
        channel=row["channel"],
        word=row["word"],
        args=json.loads(row["args"]),
        at=row["at"],
        seen={service: _sight(stood) for service, stood in json.loads(row["seen"] or "{}").items()},
        answered=row["answered_at"] is not None,
        reply=row["reply"],
        told=row["replied_at"] is not None,
    )


def _sight(stood: dict[str, Any]) -> Sight:
    glance = Glance(**{name: stood[name] for name in ("live", "operation", "unknown", "bringing")})
    changed_at = datetime.fromisoformat(stood["changed_at"]) if stood["changed_at"] else None
    return Sight(glance, changed_at, stood["hold"], stood["going_back"], stood.get("coming"))


async def take(tx: Tx, deed: Deed) -> int | None:
    """Write a request down and have it planned; None when this very deed was taken before."""
    values = {name: [value] for name, value in deed.row(tx.now).items()}
    return (await tx.connection.exec_driver_sql(TAKE, values)).scalar_one_or_none()


async def take_at_once(ledger: Ledger, deed: Deed, *, at: datetime) -> None:
    """Do the same, as a sentence of its own, together with others who say it at this moment."""
    await ledger.together(TAKE).say(deed.row(at))


async def get(tx: Tx, request_id: int) -> Asked | None:
    """Return a request by its number, or None."""
    row = (await tx.execute(select(table).where(table.c.id == request_id))).mappings().first()
    return read(row) if row else None


async def that_led_to(tx: Tx, change_id: int) -> Asked | None:
    """Return the request that a change came of, or None."""
    query = select(table).join(changes, changes.c.request_id == table.c.id).where(changes.c.id == change_id)
    row = (await tx.execute(query)).mappings().first()
    return read(row) if row else None


async def answer(tx: Tx, asked: Asked, reply: str | None, *, leads_to: Mapping[str, int] | None = None) -> None:
    """Note that a request has been dealt with: the row it led to, by its noun, or what the person is to be told."""
    reply = canonical(leads_to) if leads_to is not None else reply
    replied = tx.now if reply is None else None
    values = {"answered_at": tx.now, "reply": reply, "replied_at": replied}
    open_still = (table.c.id == asked.id) & table.c.answered_at.is_(None)
    query = update(table).where(open_still).values(values).returning(table.c.id)
    if (await tx.execute(query)).first() is None:
        return
    kind = "request.done" if reply is None or leads_to is not None else "request.refused"
    tx.record(kind, actor=asked.person, subject=f"request:{asked.id}", word=asked.word, args=asked.args, reply=reply)
    if reply is not None:
        tx.enqueue(_told(asked.id))


async def replied(tx: Tx, request_id: int) -> None:
    """Note that the person has been told."""
    await tx.execute(update(table).where(table.c.id == request_id).values(replied_at=tx.now))


async def left_over(tx: Tx, before: datetime) -> list[Job]:
    """Return the jobs that were lost of requests taken before a time: without an answer, or with one that is untold.

    What waits in the queue is not among them, however many wait there: so none is passed over again and again.
    """
    rows = (await tx.connection.exec_driver_sql(_LEFT_OVER, {"before": before})).mappings()
    return [_told(row["id"]) if row["answered"] else _planned(row["id"]) for row in rows]


def _planned(request_id: int) -> Job:
    return Job("plan", request_id, lock=f"request:{request_id}", priority=URGENT)


def _told(request_id: int) -> Job:
    """Return the job that tells the answer; one at a time, so that nobody is told twice."""
    return Job("reply", request_id, lock=f"request:{request_id}", priority=URGENT)
