"""`python -m tests.bench.escalations`: 100,000 open escalations: what idling costs, and how late steps are.

A replica's own tick runs once a second against them, on the wall's clock. While it idles its processor time is
measured, and the server's; then steps fall due, so many a second, and how long after its time each is taken is read in
the ledger.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from sqlalchemy import text

from bot.embedded import database
from bot.engine.ticking import Calendar
from bot.ledger.ledger import Ledger
from bot.ledger.migrate import upgrade
from bot.ledger.queue import Queue
from bot.postgres_settings import SETTINGS
from bot.schedules.escalations import SCHEDULE
from tests.contract.living import WallClock
from tests.fakes.catalog import read
from tests.fakes.databases import libpq
from tests.fakes.healthbridge import healthbridge

POLICY = (
    '{"again":null,"name":"bench","steps":[{"after":0,"by":["pagerduty"],"kind":"team","name":"on-call"},'
    '{"after":86400,"by":["mention"],"kind":"team","name":"on-call"}],"times":0}'
)
GROUPS = """
    INSERT INTO alert_groups (route, key, labels, state, severity, opened_at, told_at)
    SELECT 'platform', 'bench-' || n, '{}', 'firing', 4, now(), now() FROM generate_series(1, :count) n
"""
OPEN = """
    INSERT INTO escalations (group_id, severity, policy, key, state, next_at, since, opened_at)
    SELECT id, 4, :policy, 'bench-' || id, 'open', now() + interval '1 day', now(), now() FROM alert_groups
"""
CARDS = """
    INSERT INTO cards (subject, role, channel, urgent, created_at, revision, shown_revision, ts)
    SELECT 'alertgroup:' || id, 'live', 'alerts', false, now(), 0, 0, '1.1' FROM alert_groups
"""
DUE = """
    UPDATE escalations SET next_at = now() + (n * interval '1 second' / :rate)
    FROM (SELECT id AS one, row_number() OVER (ORDER BY id) AS n FROM escalations ORDER BY id LIMIT :count) due
    WHERE id = one
"""
NOTE = "CREATE TABLE bench_due AS SELECT id, next_at AS due FROM escalations ORDER BY id LIMIT {}"
LATE = """
    SELECT count(*), max(late), percentile_cont(0.99) WITHIN GROUP (ORDER BY late)
    FROM (
        SELECT extract(epoch FROM n.made_at - d.due) AS late
        FROM notifications n JOIN bench_due d ON d.id = n.escalation_id
    ) told
"""


@dataclass
class Burnt:
    """Processor seconds of this process, and of the database's."""

    ours: float
    servers: float

    @classmethod
    def now(cls, folder: Path) -> Burnt:
        mine = psutil.Process(os.getpid()).cpu_times()
        servers = [
            one for one in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(one.info["cmdline"] or [])
        ]
        family = {each.pid: each for one in servers for each in (one, *one.children(recursive=True))}
        family.pop(os.getpid(), None)
        theirs = [one.cpu_times() for one in family.values()]
        return cls(mine.user + mine.system, sum(one.user + one.system for one in theirs))


@dataclass(frozen=True)
class Asked:
    """How much is measured: how many are open, how many fall due, how many a second, and for how long it idles."""

    open: int
    due: int
    rate: int
    idle: float


async def measure(url: str, asked: Asked, folder: Path) -> None:
    queue = Queue(libpq(url))
    async with healthbridge(url, read()) as house, queue.app.open_async():
        ledger = Ledger(url, clock=WallClock(), queue=queue)
        house.world = replace(house.world, ledger=ledger, clock=WallClock())
        await _fill(ledger, asked)
        calendar = Calendar(house.world, [SCHEDULE])
        calendar.start()
        await asyncio.sleep(3)
        before, began = Burnt.now(folder), time.monotonic()
        await asyncio.sleep(asked.idle)
        after, took = Burnt.now(folder), time.monotonic() - began
        here, there = (100 * spent / took for spent in (after.ours - before.ours, after.servers - before.servers))
        sys.stdout.write(
            f"{asked.open} open, {took:.0f} s idle: {here:.1f} % of a core, and {there:.1f} % in PostgreSQL\n"
        )
        await _fall_due(ledger, asked)
        await asyncio.sleep(asked.due / asked.rate + 4)
        calendar.stop()
        await _judge(ledger, asked)
        await ledger.close()


async def _fill(ledger: Ledger, asked: Asked) -> None:
    given = {"count": asked.open, "policy": POLICY}
    async with ledger.transaction() as tx:
        for words in (GROUPS, OPEN, CARDS, "ANALYZE"):
            await tx.execute(text(words), {name: value for name, value in given.items() if f":{name}" in words})


async def _fall_due(ledger: Ledger, asked: Asked) -> None:
    async with ledger.transaction() as tx:
        await tx.execute(text(DUE), {"count": asked.due, "rate": asked.rate})
        await tx.execute(text(NOTE.format(int(asked.due))))


async def _judge(ledger: Ledger, asked: Asked) -> None:
    async with ledger.transaction() as tx:
        count, worst, most = (await tx.execute(text(LATE))).one()
    said = f"{count} of {asked.due} steps that fell due at {asked.rate}/s were taken"
    sys.stdout.write(f"{said}; late by {most:.2f} s (p99), {worst:.2f} s at most\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=3000)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--idle", type=float, default=30)
    asked = Asked(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory() as named, database(Path(named), settings=SETTINGS) as url:
        upgrade(url)
        asyncio.run(measure(url, asked, Path(named)))


if __name__ == "__main__":
    main()
