"""What is held against the bot when all is over: ledger, process host, tally of runs and Slack must tell one story."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.change import State
from bot.ledger import chain
from bot.ledger.ledger import Tx
from bot.ledger.queue import Queue
from bot.views.changes import SIGNS
from tests.chaos.people import People
from tests.chaos.town import Town

Row = Any
UNSETTLED = """
SELECT count(*) FROM operations o JOIN changes c ON c.id = o.change_id
WHERE o.state IN ('running', 'verifying', 'rolling_back') OR (o.state = 'queued' AND c.state IN ('approved', 'running')
      AND NOT EXISTS (SELECT 1 FROM operations b WHERE b.change_id = c.id AND b.state IN ('failed', 'unknown'))
      AND NOT EXISTS (SELECT 1 FROM operations u WHERE u.state = 'unknown' AND u.service = o.service
                      AND u.environment = o.environment))
"""
UNANSWERED = "SELECT count(*) FROM requests WHERE answered_at IS NULL OR (reply IS NOT NULL AND replied_at IS NULL)"
STALE = "SELECT count(*) FROM cards WHERE shown_revision < revision"
STORY = "SELECT (SELECT count(*) FROM requests), (SELECT count(*) FROM changes), (SELECT count(*) FROM operations)"


@dataclass
class Findings:
    """The counts, and every fault in words."""

    counts: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def expect(self, name: str, wrong: list[str]) -> None:
        """Note what is wrong under a name; nothing is the good answer."""
        self.counts[name] = len(wrong)
        self.faults += [f"{name}: {one}" for one in wrong]


async def calm(town: Town, *, within: float) -> str | None:
    """Wait until nothing moves any more; say what still does when it takes too long."""
    until = time.monotonic() + within
    while True:
        async with town.engine.connect() as connection:
            left = {}
            for name, query in (("operations", UNSETTLED), ("requests", UNANSWERED), ("cards", STALE)):
                left[name] = (await connection.execute(text(query))).scalar_one()
        if not any(left.values()):
            return None
        if time.monotonic() > until:
            return f"after {within:g} s there are still {left}"
        await asyncio.sleep(0.2)


async def inspect(town: Town, people: People) -> Findings:
    """Compare everything with everything."""
    found = Findings()
    async with town.engine.connect() as connection:
        requests, changes, operations = (await connection.execute(text(STORY))).one()
        found.counts |= {"kills": town.kills, "requests": requests, "changes": changes, "operations": operations}
        states = await _rows(connection, "SELECT state, count(*) AS n FROM operations GROUP BY state")
        ended = {row.state: row.n for row in states}
        found.counts |= {f"operations {state}": count for state, count in ended.items()}
        found.expect("nothing ever went well", [] if ended.get("succeeded") else [f"operations: {ended}"])
        found.expect("requests lost", await _lost_requests(connection, people))
        found.expect("requests doubled", await _doubled_requests(connection))
        found.expect("runs lost or doubled", await _tally(connection, town))
        found.expect("applies lost or doubled", await _host(connection, town))
        found.expect("cards wrong", await _cards(connection, town))
        found.expect("chain broken", await _chain(connection, town))
    return found


async def _rows(connection: AsyncConnection, query: str) -> list[Row]:
    return list((await connection.execute(text(query))).all())


def _deed(args: str) -> int | None:
    said = re.search(r"deed-(\d+)\.", args)
    return int(said[1]) if said else None


async def _lost_requests(connection: AsyncConnection, people: People) -> list[str]:
    """Every deed that Slack showed as taken is in the ledger, and led to a change or to an answer."""
    rows = await _rows(
        connection,
        "SELECT r.id, r.args, r.answered_at, r.reply, c.id AS change FROM requests r"
        " LEFT JOIN changes c ON c.request_id = r.id",
    )
    known = {_deed(row.args) for row in rows}
    lost = [f"deed {deed} was taken and is not in the ledger" for deed in sorted(people.promised - known)]
    lost += [f"request {row.id} has no answer" for row in rows if row.answered_at is None]
    return lost + [f"request {row.id} led to nothing" for row in rows if row.reply is None and row.change is None]


async def _doubled_requests(connection: AsyncConnection) -> list[str]:
    rows = await _rows(connection, "SELECT args FROM requests")
    times = Counter(_deed(row.args) for row in rows)
    return [f"deed {deed} is there {count} times" for deed, count in times.items() if count > 1]


async def _tally(connection: AsyncConnection, town: Town) -> list[str]:
    """Each operation's command ran once if the ledger says that it succeeded, and never more than once."""
    path = town.folder / "tally"
    ran = Counter(int(line) for line in path.read_text().split()) if path.exists() else Counter()
    wrong = [f"operation {op} ran its command {count} times" for op, count in ran.items() if count > 1]
    rows = await _rows(connection, "SELECT operation_id AS op FROM steps WHERE name = 'tally' AND state = 'succeeded'")
    wrong += [f"operation {row.op} never ran its command" for row in rows if row.op not in ran]
    begun = await _rows(
        connection, "SELECT key FROM steps WHERE kind IN ('build', 'command') AND state NOT IN ('pending', 'skipped')"
    )
    runs = [one.parent.name for one in (town.folder / "runs").glob("*/began")]
    known = {row.key for row in begun}
    return wrong + [f"{name} was run and did not begin by the ledger" for name in runs if name not in known]


async def _host(connection: AsyncConnection, town: Town) -> list[str]:
    """The process host began each key once, and what it serves is what the ledger says is live."""
    wrong = []
    applied = await _rows(
        connection,
        "SELECT s.key, s.state, o.service, o.environment FROM steps s JOIN operations o ON o.id = s.operation_id"
        " WHERE s.kind = 'apply' AND s.state <> 'pending'",
    )
    records = {}
    for path in (town.folder / "process").rglob("record.json"):
        record = json.loads(path.read_text())
        records[record["service"], record["environment"]] = record
        if record["generation"] > len(record["asked"]):
            wrong.append(f"{path.parent.name}: {record['generation']} starts for {len(record['asked'])} keys")
        known = {row.key for row in applied}
        wrong += [
            f"{path.parent.name}: {key} was applied and is not in the ledger"
            for key in record["asked"]
            if key not in known
        ]
    for row in applied:
        record = records.get((row.service, row.environment), {"asked": {}})
        if row.state == "succeeded" and row.key not in record["asked"]:
            wrong.append(f"{row.key} succeeded and was never applied to {row.service}/{row.environment}")
    return wrong + await _live(connection, records)


async def _live(connection: AsyncConnection, records: dict[tuple[str, str], Any]) -> list[str]:
    rows = await _rows(
        connection,
        "SELECT t.service, t.environment, r.version FROM targets t JOIN releases r ON r.id = t.release_id"
        " WHERE NOT EXISTS (SELECT 1 FROM operations o WHERE o.state = 'unknown' AND o.service = t.service"
        "                   AND o.environment = t.environment)",
    )
    wrong = []
    for row in rows:
        live = records.get((row.service, row.environment), {}).get("live")
        serves = live["version"] if live else None
        if serves != row.version:
            wrong.append(f"{row.service}/{row.environment}: the ledger says {row.version}, and {serves} serves")
    return wrong


async def _cards(connection: AsyncConnection, town: Town) -> list[str]:
    """Every card hangs once, shows the newest revision, and says what the ledger holds."""
    rows = await _rows(connection, "SELECT c.*, p.ts AS parent FROM cards c LEFT JOIN cards p ON p.id = c.thread_of")
    states = {row.id: row.state for row in await _rows(connection, "SELECT id, state FROM changes")}
    hung = await _messages(town, {row.ts: row.channel for row in rows if row.thread_of is None and row.ts})
    wrong = []
    for row in rows:
        name = f"{row.subject} {row.role}"
        here = hung.get((row.subject, row.role), [])
        if len(here) != 1:
            wrong.append(f"{name} hangs {len(here)} times")
            continue
        shown = here[0]["metadata"]["event_payload"]["revision"]
        if not shown == row.shown_revision == row.revision:
            wrong.append(f"{name} shows revision {shown}; the ledger: {row.shown_revision} of {row.revision}")
        if row.role == "live":
            state = State(states[int(row.subject.partition(":")[2])])
            words = (SIGNS[state][1], "failed in part, waits for you")
            if not any(one in here[0]["text"] for one in words):
                wrong.append(f"{name} says “{here[0]['text']}”; the ledger says {state}")
    return wrong + [
        f"{name} hangs and is in no ledger" for name in hung if name not in {(r.subject, r.role) for r in rows}
    ]


async def _messages(town: Town, roots: dict[str, str]) -> dict[tuple[str, str], list[Any]]:
    """Return every message that says it is a card, from channels and threads."""
    tomas = town.driver.person("tomas")
    seen = [one for channel in ("deployments", "approvals") for one in await tomas.messages(channel)]
    for ts, channel in roots.items():
        seen += [one for one in await tomas.messages(channel, thread_ts=ts) if one["ts"] != ts]
    found: dict[tuple[str, str], list[Any]] = {}
    for one in {message["ts"]: message for message in seen}.values():
        about = (one.get("metadata") or {}).get("event_payload")
        if about:
            found.setdefault((about["subject"], about["role"]), []).append(one)
    return found


async def _chain(connection: AsyncConnection, town: Town) -> list[str]:
    verdict = await chain.verify(Tx(connection, datetime.fromtimestamp(time.time(), UTC), Queue(town.url)))
    return [verdict.bad] if verdict.bad else []
