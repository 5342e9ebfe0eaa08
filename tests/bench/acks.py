"""A slash command's answer, after its transaction has committed, against an empty command of Bolt's and a bare INSERT.

Three servers, each a process; the load generator sends them rounds in turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import psycopg

from tests.bench.figures import Row, Sample, compared
from tests.bench.serving import Load, Served, free_port, serving

ROUNDS, ONE_ROUND, WARMING = 12, 200, 50
MANY, MANY_ROUNDS, MANY_ROUND = 16, 8, 800
ORDER = {"command": "/deploy", "text": "development backend", "user": "U0NDAPEWA1"}
TABLE = "CREATE TABLE bench_floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL)"


def measure(load: Load, environment: Mapping[str, str], logs: Path) -> list[Row]:
    """Return the rows."""
    with psycopg.connect(environment["DATABASE_URL"].replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(TABLE)
    with ExitStack() as stack:
        servers = {
            "slipway": _started(stack, ["-m", "tests.bench.slipway_app"], environment, logs / "slipway.log"),
            "empty": _started(stack, ["-m", "tests.bench.baseline_app", "empty"], environment, logs / "empty.log"),
            "floor": _started(stack, ["-m", "tests.bench.baseline_app", "floor"], environment, logs / "floor.log"),
        }
        _in_turns(load, environment, servers, WARMING, 1, 1)
        one = _in_turns(load, environment, servers, ONE_ROUND, 1, ROUNDS)
        many = _in_turns(load, environment, servers, MANY_ROUND, MANY, MANY_ROUNDS)
    return [
        *compared("ack, 1 in flight ÷ empty Bolt", one["slipway"], one["empty"], {"p50": 0.35, "p99": 0.6}),
        *compared("ack, 16 in flight ÷ empty Bolt", many["slipway"], many["empty"], {"p50": 1.0, "p99": 1.0}),
        *compared("ack, 1 in flight ÷ bare INSERT", one["slipway"], one["floor"], {"p50": 2.0, "p99": None}),
        *compared("ack, 16 in flight ÷ bare INSERT", many["slipway"], many["floor"], {"p50": None, "p99": None}),
    ]


def _started(stack: ExitStack, words: list[str], environment: Mapping[str, str], log: Path) -> Served:
    port = free_port()
    return stack.enter_context(serving([*words, str(port)], port, environment, log))


def _in_turns(
    load: Load, environment: Mapping[str, str], servers: Mapping[str, Served], count: int, in_flight: int, rounds: int
) -> dict[str, Sample]:
    took: dict[str, list[float]] = {name: [] for name in servers}
    for number in range(rounds):
        names = sorted(servers, reverse=bool(number % 2))
        for name in names:
            order = {**ORDER, "port": servers[name].port, "count": count, "in_flight": in_flight}
            took[name] += load.send({**order, "secret": environment["SLACK_SIGNING_SECRET"]})
    return {name: Sample(name, values) for name, values in took.items()}
