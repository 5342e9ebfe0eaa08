"""Which data folder's sample repository is meant by `make break` and `make fix`, and whether a Slipway runs there.

`slipway up --docker` keeps a folder of its own within the other, so where none is named the one is meant on which a
Slipway runs, and else the outer one.
"""

import os
from pathlib import Path

from bot.locked import holder

CONTAINERS = "docker"  # the folder of the story with containers, within the data folder, where none is named


def chosen(named: Path | None) -> Path:
    """Return the folder that is meant when this one, or none, was named."""
    if named is not None:
        return named
    usual = Path(os.environ.get("SLIPWAY_DATA") or ".data")
    return next((one for one in (usual, usual / CONTAINERS) if runs_on(one)), usual)


def runs_on(data: Path) -> bool:
    """Whether a `slipway up` runs on a data folder."""
    return holder(data / "slipway.lock") is not None


def told(data: Path) -> str:
    """Say which folder something was done in, and whether anybody will see it there."""
    return f"In {data}, where " + ("a Slipway runs" if runs_on(data) else "no Slipway runs now")
