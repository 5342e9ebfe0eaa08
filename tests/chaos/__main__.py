"""`make chaos`: kill the bot at 200 random moments of deploys and rollbacks, and count what was lost or doubled.

python -m tests.chaos [--kills 200] [--seed N] [--bad-days] [--keep]
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.storm import storm


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--bad-days", action="store_true", help="let Slack fail as well")
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="slipway-chaos-"))
    folder.chmod(0o755)
    began = time.monotonic()
    found = asyncio.run(storm(folder, kills=asked.kills, seed=asked.seed, slack_fails=asked.bad_days))
    for name, count in found.counts.items():
        sys.stdout.write(f"{count:6}  {name}\n")
    for fault in found.faults:
        sys.stdout.write(f"FAULT   {fault}\n")
    sys.stdout.write(f"seed {asked.seed}, {time.monotonic() - began:.0f} s{f', {folder}' if asked.keep else ''}\n")
    if not asked.keep and not found.faults:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
