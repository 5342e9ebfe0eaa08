"""The secret that whoever tells the example of alerts shows: made at the first start, and kept in the data folder.

It is not printed, because what a terminal prints is copied into many places; the file is for its owner alone.
"""

import os
import secrets
from pathlib import Path

NAME = "ALERTS_TOKEN"  # as the example's catalog names it


def path(data: Path) -> Path:
    """Return where it is kept."""
    return data / "alerts-token"


def kept(data: Path) -> str:
    """Return it; the first time, make it. It stands there whole or not at all."""
    file = path(data)
    if not file.exists():
        made = file.with_name(f".{file.name}")
        made.unlink(missing_ok=True)
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(f"{secrets.token_urlsafe(24)}\n")
        made.replace(file)
    return file.read_text(encoding="utf-8").strip()
