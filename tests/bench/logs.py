"""A step prints 200 MB: what the bot's memory grows by while it reads on, covers secrets, and writes to the ledger.

The ledger takes a log up to its limit, the rest stays with the run. Every line holds a secret; the ledger has none.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.domain.pages import MOST_PAGES, PAGE
from integrations.process import stop_host
from tests.bench.figures import Row
from tests.bench.programs import artefact
from tests.bench.serving import Load, free_port
from tests.bench.town import Town, repository, town, written
from tests.bench.weighing import at_rest, peak

MEGABYTES, MOST = 200, 20.0
PATIENCE = 300.0
SECRET = "correct-horse-battery-staple"
PRINTS = f"""
import os, time
line = "line of a log, with a password that nobody should read: " + os.environ["PASSWORD"] + "\\n"
block = line * (2**20 // len(line) + 1)
for number in range({MEGABYTES}):
    print(block[:2**20 - 1], flush=True)
    time.sleep(0.05)
"""


def measure(load: Load, environment: Mapping[str, str], logs: Path) -> list[Row]:
    """Return the rows."""
    data = logs / "logs"
    data.mkdir()
    prints = {"run": [sys.executable, "-c", PRINTS], "secrets": {"PASSWORD": "BENCH_PASSWORD"}, "timeout": "5m"}
    backend = {"kind": "process", "port": free_port(), "run": ["python3", "server.py"]}
    catalog = written(repository(environment), {"talker": backend}, [{"command": prints}, "apply"])
    try:
        with town(load, {**environment, "BENCH_PASSWORD": SECRET}, data, catalog) as place:
            return _measured(place, data)
    finally:
        asyncio.run(stop_host(data))


def _measured(place: Town, data: Path) -> list[Row]:
    commit = place.commits[0]
    place.built("talker", commit, artefact(data, "talker"))
    change = place.people.ask(f"bench talker {commit}")
    place.people.calm(change)
    idle = at_rest(place.bot)
    with peak(place.bot) as most:
        place.people.approve(change)
        place.people.done(change, PATIENCE)
    _check(place, data)
    case = f"log of {MEGABYTES} MB, growth ÷ {MOST:g} MB"
    return [
        Row(case, "RSS", most.rss - idle.rss, MOST, "MB", 1.0),
        Row(case, "PSS", most.pss - idle.pss, MOST, "MB", 1.0),
    ]


def _check(place: Town, data: Path) -> None:
    """See that the log was really so long, and that the ledger holds its beginning, to the last page, masked."""
    (log,) = (data / "runs").glob("*/log")
    row = place.people.ledger.execute("SELECT count(DISTINCT page), sum(length(text)) FROM logs").fetchone()
    told = place.people.ledger.execute("SELECT count(*) FROM logs WHERE text LIKE %s", (f"%{SECRET}%",)).fetchone()
    whole = log.stat().st_size >= MEGABYTES * 2**20 and row is not None and row[0] == MOST_PAGES
    if not whole or told != (0,):
        raise RuntimeError(
            f"{log.stat().st_size} bytes printed, {row} of {MOST_PAGES} × {PAGE} written, {told} unmasked"
        )
