"""`/status` and `/releases` over a million operations, against a thousand: two ledgers, two servers, in turns."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.bench.figures import Row, Sample, compared
from tests.bench.loading import load as fill
from tests.bench.serving import Load, Served, free_port, own_database, serving

SIZES = {"few": 1_000, "many": 1_000_000}
QUESTIONS = (("/status", ""), ("/releases", ""), ("/releases", "staging backend"))
ROUNDS, ONE_ROUND, WARMING = 10, 200, 50
MOST = 1.5


def measure(load: Load, environment: Mapping[str, str], logs: Path) -> list[Row]:
    """Return the rows."""
    with ExitStack() as stack:
        servers = {name: _served(stack, name, count, environment, logs) for name, count in SIZES.items()}
        took: dict[tuple[str, str, str], list[float]] = {}
        for number in range(-1, ROUNDS):
            for command, text in QUESTIONS:
                for name in sorted(servers, reverse=bool(number % 2)):
                    order = {"command": command, "text": text, "user": "U0NDAPEWA1", "in_flight": 1}
                    order |= {"port": servers[name].port, "secret": environment["SLACK_SIGNING_SECRET"]}
                    values = load.send({**order, "count": ONE_ROUND if number >= 0 else WARMING})
                    took.setdefault((command, text, name), []).extend(values if number >= 0 else [])
    rows: list[Row] = []
    for command, text in QUESTIONS:
        many, few = (Sample(name, took[command, text, name]) for name in ("many", "few"))
        rows += compared(f"{command} {text}".strip() + ", 10⁶ ÷ 10³", many, few, {"p50": None, "p99": MOST})
    return rows


def _served(stack: ExitStack, name: str, count: int, environment: Mapping[str, str], logs: Path) -> Served:
    own = own_database(environment["DATABASE_URL"], name)
    began = time.monotonic()
    fill(own.replace("+psycopg", ""), count)
    sys.stderr.write(f"          {count:,} operations loaded in {time.monotonic() - began:.1f} s\n")
    port = free_port()
    words = ["-m", "tests.bench.slipway_app", str(port)]
    return stack.enter_context(serving(words, port, {**environment, "DATABASE_URL": own}, logs / f"{name}.log"))
