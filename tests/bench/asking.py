"""People of a bench: they ask for changes and approve them with signed requests, and look into the ledger."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from tests.bench.serving import Load

PATIENCE, PAUSE = 30.0, 0.005  # seconds
SELMA, NDAPEWA = "U0SELMANA3", "U0NDAPEWA1"
CALM = "SELECT %s WHERE NOT EXISTS (SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))"
ENDED = "SELECT id FROM operations WHERE change_id = %s AND finished_at IS NOT NULL"


@dataclass(frozen=True)
class People:
    """Ndapewa asks, Selma approves. `order` is what every order to the load generator holds."""

    load: Load
    order: Mapping[str, object]
    ledger: psycopg.Connection

    def ask(self, words: str) -> int:
        """Ask for a change with `/deploy`, and return its number when it waits for approval."""
        row = self.ledger.execute("SELECT coalesce(max(id), 0) FROM changes").fetchone()
        assert row
        self.load.send_one({**self.order, "command": "/deploy", "text": words, "user": NDAPEWA})
        return self.until("SELECT id FROM changes WHERE id > %s AND state = 'waiting'", int(row[0]))

    def approve(self, change: int) -> float:
        """Approve a change; return when, in seconds on the monotonic clock."""
        return self.load.send_one({**self.order, "payload": _press("approve", change)})

    def calm(self, change: int) -> None:
        """Return when nothing is to be done any more, every card painted, after a change was asked for."""
        self.until(CALM, change, 180)

    def done(self, change: int, patience: float = PATIENCE) -> None:
        """Return when the only operation of a change has ended, if it ended well."""
        self.until(ENDED, change, patience)
        row = self.ledger.execute("SELECT state, reason FROM operations WHERE change_id = %s", (change,)).fetchone()
        if row != ("succeeded", ""):
            raise RuntimeError(f"change {change}: {row}")

    def until(self, query: str, number: int, patience: float = PATIENCE) -> int:
        """Return what a query finds, as soon as it finds something."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            row = self.ledger.execute(query, (number,)).fetchone()
            if row:
                return int(row[0])
            time.sleep(PAUSE)
        said = self.ledger.execute("SELECT word, args, reply FROM requests ORDER BY id DESC LIMIT 1").fetchone()
        raise RuntimeError(f"nothing within {patience:g} s: {query} {number}; the last that was asked for: {said}")


def _press(action: str, change: int) -> dict[str, object]:
    return {
        "type": "block_actions",
        "team": {"id": "T0HEALTHB1", "domain": "healthbridge"},
        "user": {"id": SELMA, "username": "selma", "name": "selma", "team_id": "T0HEALTHB1"},
        "api_app_id": "A0SLIPWAY1",
        "token": "x" * 24,
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "C0APPROVE3", "is_ephemeral": False},
        "channel": {"id": "C0APPROVE3", "name": "approvals"},
        "actions": [
            {"type": "button", "action_id": action, "block_id": "b", "value": str(change), "action_ts": f"{change}.1"}
        ],
    }
