"""Alertmanager's words, accepted: how many a second, how long the slowest take, and what is left of them after kill -9.

Against a sketch of the same rows (sketch_app.py), in turns; the engine sleeps, for what is measured is the answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg

from tests.bench.figures import Row, Sample, compared
from tests.bench.serving import Load, free_port, own_database, serving
from tests.bench.town import repository, written

ROUNDS, ONE_ROUND, WARMING, IN_FLIGHT = 8, 500, 100, 16
LAST = 1_000  # are told before the bot is killed
BACKEND = {"kind": "process", "port": 31998, "run": ["none"]}
TOKEN = "a-token-of-the-bench"
SLOWER = 1 / 0.7  # as many times as long may it take, so that 0.7 times as many are accepted


def measure(load: Load, environment: Mapping[str, str], logs: Path) -> list[Row]:
    """Return the rows."""
    catalog = logs / "intake.yml"
    catalog.write_text(alerting(written(repository(environment), {"backend": BACKEND}), {"platform": "alerts"}))
    url = own_database(environment["DATABASE_URL"], "intake")
    told = {**environment, "SLIPWAY_CATALOG": str(catalog), "DATABASE_URL": url, "ALERTS_TOKEN": TOKEN}
    order = {"secret": TOKEN, "path": "/webhooks/alertmanager/platform", "in_flight": IN_FLIGHT}
    ports = {"slipway": free_port(), "sketch": free_port()}
    with serving(["-m", "tests.bench.sketch_app", str(ports["sketch"])], ports["sketch"], told, logs / "sketch.log"):
        words = ["-m", "tests.bench.slipway_app", str(ports["slipway"])]
        with serving(words, ports["slipway"], told, logs / "intake.log") as bot:
            rows = _rates(load, order, ports)
            load.send({**order, "port": ports["slipway"], "count": LAST})
            bot.process.kill()
    with psycopg.connect(url.replace("+psycopg", "")) as ledger:
        kept = ledger.execute("SELECT count(*) FROM alerts JOIN alert_groups g ON g.id = group_id").fetchone()
    assert kept
    sent = WARMING + ROUNDS * ONE_ROUND + LAST
    return [*rows, Row("alerts lost by kill -9 ÷ accepted", "alerts", sent - kept[0], sent, "", 0.0, LAST)]


def _rates(load: Load, order: Mapping[str, object], ports: Mapping[str, int]) -> list[Row]:
    seconds: dict[str, list[float]] = {name: [] for name in ports}
    took: dict[str, list[float]] = {name: [] for name in ports}
    for port in ports.values():
        load.send({**order, "port": port, "count": WARMING})
    for number in range(ROUNDS):
        for name in sorted(ports, reverse=bool(number % 2)):
            began = time.monotonic()
            took[name] += load.send({**order, "port": ports[name], "count": ONE_ROUND})
            seconds[name].append(time.monotonic() - began)
    each = {name: Sample(name, [1000 * one / ONE_ROUND for one in values]) for name, values in seconds.items()}
    answers = {name: Sample(name, values) for name, values in took.items()}
    return [
        *compared("each webhook, 16 in flight ÷ sketch", each["slipway"], each["sketch"], {"p50": SLOWER}),
        *compared("answer to a webhook ÷ sketch", answers["slipway"], answers["sketch"], {"p50": None, "p99": 2.0}),
    ]


def alerting(catalog: str, routes: Mapping[str, str]) -> str:
    """Return a catalog that takes alerts by these routes, each into a channel of Slack's."""
    named = {name: {"secret": "ALERTS_TOKEN", "channel": channel} for name, channel in routes.items()}
    section = {"routes": named, "acknowledge": {"by": ["production-team"]}, "call": ["production-team"]}
    return json.dumps({**json.loads(catalog), "alerts": section})
