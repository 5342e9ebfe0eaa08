"""`make bench`: measure everything in one run and print one table; exit code 1 when a bound is missed.

python -m tests.bench [standing] [acks] [approvals] [intake] [flood] [reading] [swaps] [many] [logs]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bot.embedded import database
from bot.ledger.migrate import upgrade
from bot.samples import make_repository
from tests.bench import acks, approvals, flood, intake, logs, many, reading, standing, swaps
from tests.bench.figures import Row, machine, table
from tests.bench.serving import load_generator, local_slack

CASES = {
    "standing": standing.measure,
    "acks": acks.measure,
    "approvals": approvals.measure,
    "intake": intake.measure,
    "flood": flood.measure,
    "reading": reading.measure,
    "swaps": swaps.measure,
    "many": many.measure,
    "logs": logs.measure,
}


@contextmanager
def ground(folder: Path) -> Iterator[dict[str, str]]:
    """Give a database, a local Slack and a sample repository; the environment says where."""
    with ExitStack() as stack:
        url = stack.enter_context(database(folder, own=True))
        upgrade(url)
        make_repository(folder)
        said = stack.enter_context(local_slack(folder / "workspace"))
        catalog = Path(__file__).parents[2] / "slipway.yml"
        yield {
            **said,
            "DATABASE_URL": url,
            "SLIPWAY_DATA": str(folder),
            "SLIPWAY_CATALOG": str(catalog),
            "SLIPWAY_EXAMPLE_PORTS": "83",
        }


def main(words: list[str]) -> int:
    """Measure the named cases, or all."""
    began = time.monotonic()
    sys.stdout.write(f"{machine()}\n")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as name, load_generator() as load:
        folder = Path(name)
        with ground(folder) as environment:
            for case in words or CASES:
                sys.stderr.write(f"{time.monotonic() - began:6.1f} s  measuring {case}\n")
                rows += CASES[case](load, environment, folder)
    sys.stdout.write(f"\n{table(rows)}\n\n{time.monotonic() - began:.0f} s in all\n")
    return 1 if any(row.missed for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
