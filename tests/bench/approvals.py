"""From the click on Approve to the first call of the backend, against the engine's own way from enqueueing to start.

A change after the other is asked for, waits, is approved by a signed request of Slack's kind, and runs; between them
the same worker is given a job that does nothing. Both are timed on one monotonic clock, each when nothing else is to be
done: cards are painted no faster than Slack allows.
"""

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.request import urlopen

import psycopg

from tests.bench.figures import Row, Sample, compared
from tests.bench.serving import Load, free_port, own_database, serving

CHANGES, WARMING = 25, 3
PATIENCE = 30.0
VERSIONS = ("1.0.0", "1.1.0")
SELMA, NDAPEWA = "U0SELMANA3", "U0NDAPEWA1"
CALM = "SELECT %s WHERE NOT EXISTS (SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))"
CATALOG = """
organisation: HealthBridge
teams:
  developers: {{ people: [{asks}] }}
  production-team: {{ people: [{decides}] }}
channels: {{ deployments: deployments, approvals: approvals }}
policies:
  one: {{ approvals: 1, from: [production-team], expires: 4h }}
services:
  backend: {{ source: {{ kind: git, repository: "{folder}/healthbridge.git", path: backend }} }}
environments:
  bench:
    branch: develop
    deployers: [developers]
    approval: one
    targets:
      backend: {{ backend: {{ kind: process, port: 31999, run: [none] }}, steps: [apply] }}
"""


def measure(load: Load, environment: Mapping[str, str], logs: Path) -> list[Row]:
    """Return the rows."""
    catalog = logs / "approvals.yml"
    catalog.write_text(CATALOG.format(asks=NDAPEWA, decides=SELMA, folder=environment["SLIPWAY_DATA"]))
    url = own_database(environment["DATABASE_URL"], "approvals")
    port = free_port()
    clicks, idle = [], []
    with serving(
        ["-m", "tests.bench.approving_app", str(port)],
        port,
        {**environment, "SLIPWAY_CATALOG": str(catalog), "DATABASE_URL": url},
        logs / "approving.log",
        tells=True,
    ) as served:
        told = _told(served.process)
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as ledger:
            order = {"port": port, "secret": environment["SLACK_SIGNING_SECRET"]}
            for number in range(WARMING + CHANGES):
                change = _waiting(load, order, ledger, VERSIONS[number % 2])
                _until(ledger, CALM, change)
                began = load.send_one({**order, "payload": _press("approve", change)})
                clicks.append((_next(told, "applied") - began) * 1000)
                _until(ledger, "SELECT id FROM changes WHERE id = %s AND state = 'succeeded'", change)
                _until(ledger, CALM, change)
                urlopen(f"http://127.0.0.1:{port}/idle").close()
                idle.append(_next(told, "idle"))
    ours, theirs = Sample("click", clicks[WARMING:]), Sample("idle", idle[WARMING:])
    return compared("approve → backend ÷ enqueue → start", ours, theirs, {"p50": 2.0, "p99": None})


def _waiting(load: Load, order: Mapping[str, object], ledger: psycopg.Connection, version: str) -> int:
    """Ask for a change, and return its number when it waits for approval."""
    seen = _newest(ledger)
    load.send_one({**order, "command": "/deploy", "text": f"bench backend {version}", "user": NDAPEWA})
    return _until(ledger, "SELECT id FROM changes WHERE id > %s AND state = 'waiting'", seen)


def _newest(ledger: psycopg.Connection) -> int:
    row = ledger.execute("SELECT coalesce(max(id), 0) FROM changes").fetchone()
    assert row
    return int(row[0])


def _until(ledger: psycopg.Connection, query: str, number: int) -> int:
    """Return what a query finds, as soon as it finds something."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        row = ledger.execute(query, (number,)).fetchone()
        if row:
            return int(row[0])
        time.sleep(0.02)
    said = ledger.execute("SELECT word, args, reply FROM requests ORDER BY id DESC LIMIT 1").fetchone()
    raise RuntimeError(f"nothing within {PATIENCE:g} s: {query} {number}; the last that was asked for: {said}")


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


def _told(process: "subprocess.Popen[bytes]") -> Iterator[dict[str, float]]:
    assert process.stdout
    for line in process.stdout:
        yield json.loads(line)


def _next(told: Iterator[dict[str, float]], name: str) -> float:
    said = next(told, None)
    if said is None or name not in said:
        raise RuntimeError(f"expected to be told of {name}, and was told {said}")
    return said[name]
