"""What was asked of a target under a key, noted before anything is started: the first to ask has said it."""

import contextlib
import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

from bot.domain.errors import Retry
from integrations._command.answer import Asked


def note(path: Path, asked: Asked) -> None:
    """Write it down whole, unless somebody did."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(asdict(asked), file)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(fresh)
        finally:
            Path(fresh).unlink()
    except OSError as error:
        raise Retry(f"cannot note what was asked: {error.strerror}: {error.filename}") from error


def noted(path: Path, key: str) -> Asked | None:
    """Return what was asked, or None where nothing was."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Asked(key, said["version"], said["digest"])
