"""Fifty operations on fifty targets at once: whether all come to their end, and what the bot holds in memory meanwhile.

Fifty services of one environment, each a local process that takes some seconds to come up; all changes are approved one
right after the other, when all of them wait. Against the same bot at rest, before.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from integrations.process import stop_host
from tests.bench.figures import Row
from tests.bench.programs import artefact
from tests.bench.serving import Load, free_port
from tests.bench.town import Town, repository, town, written
from tests.bench.weighing import at_rest, peak

OPERATIONS, PATIENCE = 50, 300.0
FIRST = "first"
TAKES = "20"  # seconds until one has come up: longer than it takes to approve them all
MOST = 1.5
RUNNING = "SELECT count(*) FROM operations WHERE state <> 'queued' AND finished_at IS NULL"
DONE = "SELECT count(*) FROM operations WHERE state = 'succeeded'"
OTHERS = "SELECT service, state, reason FROM operations WHERE state <> 'succeeded'"
ENDED = "SELECT count(*) FROM operations WHERE finished_at IS NOT NULL OR state = 'unknown'"


def measure(load: Load, environment: Mapping[str, str], logs: Path) -> list[Row]:
    """Return the rows."""
    data = logs / "many"
    data.mkdir()
    sections = {FIRST: _section("0")} | {f"service-{number:02}": _section(TAKES) for number in range(OPERATIONS)}
    try:
        with town(load, environment, data, written(repository(environment), sections)) as place:
            for service in sections:
                place.built(service, place.commits[0], artefact(data, "many"))
            return _measured(place, [service for service in sections if service != FIRST])
    finally:
        asyncio.run(stop_host(data))


def _section(takes: str) -> dict[str, object]:
    how = {"run": ["python3", "server.py"], "environment": {"TAKES": takes}, "start_within": "3m"}
    return {"kind": "process", "port": free_port(), **how}


def _measured(place: Town, services: list[str]) -> list[Row]:
    people, commit = place.people, place.commits[0]
    first = people.ask(f"bench {FIRST} {commit}")
    people.approve(first)
    people.done(first)
    people.calm(first)
    idle = at_rest(place.bot)
    with peak(place.bot) as most:
        changes = [people.ask(f"bench {service} {commit}") for service in services]
        for change in changes:
            people.approve(change)
        at_once, until = 0, time.monotonic() + PATIENCE
        while place.count(ENDED) <= OPERATIONS and time.monotonic() < until:
            at_once = max(at_once, place.count(RUNNING))
            time.sleep(0.1)
    unfinished = OPERATIONS + 1 - place.count(DONE)
    for row in people.ledger.execute(OTHERS).fetchall():
        sys.stderr.write(f"          not done: {row}\n")
    case = f"{OPERATIONS} operations at once"
    return [
        Row(f"{case}, not done ÷ all", "at end", unfinished, OPERATIONS, "", 0.0),
        Row(f"{case}, running ÷ all", "most", at_once, OPERATIONS, ""),
        Row(f"{case}, memory ÷ at rest", "RSS", most.rss, idle.rss, "MB", MOST),
        Row(f"{case}, memory ÷ at rest", "PSS", most.pss, idle.pss, "MB", MOST),
    ]
