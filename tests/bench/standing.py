"""What `slipway serve` takes before anybody asks it anything: memory at rest, and the time until it first answers.

Against FastAPI, Bolt and SQLAlchemy, imported and started. The database is a process of its own in both cases.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from tests.bench.figures import Row, Sample
from tests.bench.serving import Load, free_port, serving

STARTS, REST = 8, 5.0
MOST = 2.0


def measure(_: Load, environment: Mapping[str, str], logs: Path) -> list[Row]:
    """Return the rows."""
    started: dict[str, list[float]] = {"slipway": [], "idle": []}
    resident: dict[str, list[float]] = {"slipway": [], "idle": []}
    shared: dict[str, list[float]] = {"slipway": [], "idle": []}
    for number in range(STARTS):
        for name in sorted(started, reverse=bool(number % 2)):
            port = free_port()
            words = {
                "slipway": ["-m", "bot.cli", "serve", "--port", str(port)],
                "idle": ["-m", "tests.bench.baseline_app", "idle", str(port)],
            }[name]
            with serving(words, port, environment, logs / f"{name}.log") as served:
                started[name].append(served.seconds)
                if number >= STARTS - 2:
                    time.sleep(REST)
                    rss, pss = served.megabytes()
                    resident[name].append(rss)
                    shared[name].append(pss)
    return [
        _row("cold start to first 200", "p50", started, "s"),
        _row("memory at rest", "RSS", resident, "MB"),
        _row("memory at rest", "PSS", shared, "MB"),
    ]


def _row(case: str, figure: str, values: Mapping[str, list[float]], unit: str) -> Row:
    ours, theirs = Sample("slipway", values["slipway"]), Sample("idle", values["idle"])
    return Row(f"{case} ÷ bare libraries", figure, ours.p50, theirs.p50, unit, MOST, len(ours.values))
