"""From the click on Approve to the first call of the backend, against the engine's own way from enqueueing to start.

A change after the other is asked for, waits, is approved by a signed request of Slack's kind, and runs; between them
the same worker is given a job that does nothing. Both are timed on one monotonic clock, each when nothing else is to be
done: cards are painted no faster than Slack allows.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.request import urlopen

import psycopg

from tests.bench.asking import People
from tests.bench.figures import Row, Sample, compared
from tests.bench.serving import Load, free_port, own_database, serving
from tests.bench.town import repository, written

CHANGES, WARMING = 25, 3
VERSIONS = ("1.0.0", "1.1.0")
BACKEND = {"kind": "process", "port": 31999, "run": ["none"]}


def measure(load: Load, environment: Mapping[str, str], logs: Path) -> list[Row]:
    """Return the rows."""
    catalog = logs / "approvals.yml"
    catalog.write_text(written(repository(environment), {"backend": BACKEND}))
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
            people = People(load, {"port": port, "secret": environment["SLACK_SIGNING_SECRET"]}, ledger)
            for number in range(WARMING + CHANGES):
                change = people.ask(f"bench backend {VERSIONS[number % 2]}")
                people.calm(change)
                began = people.approve(change)
                clicks.append((_next(told, "applied") - began) * 1000)
                people.done(change)
                people.calm(change)
                urlopen(f"http://127.0.0.1:{port}/idle").close()
                idle.append(_next(told, "idle"))
    ours, theirs = Sample("click", clicks[WARMING:]), Sample("idle", idle[WARMING:])
    return compared("approve → backend ÷ enqueue → start", ours, theirs, {"p50": 2.0, "p99": None})


def _told(process: "subprocess.Popen[bytes]") -> Iterator[dict[str, float]]:
    assert process.stdout
    for line in process.stdout:
        yield json.loads(line)


def _next(told: Iterator[dict[str, float]], name: str) -> float:
    said = next(told, None)
    if said is None or name not in said:
        raise RuntimeError(f"expected to be told of {name}, and was told {said}")
    return said[name]
