"""What benches build their releases of: artefacts in a store, and the two targets that they go to."""

import hashlib
import io
import itertools
import tarfile
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.release import Commit, Release
from bot.domain.target import Target

TARGET = Target("backend", "staging")
OTHER = Target("frontend", "staging")
_NUMBERS = itertools.count(1)


def pack(store: Path, files: dict[str, str]) -> str:
    """Put an artefact in the store and return its digest."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    digest = hashlib.sha256(packed.getvalue()).hexdigest()
    store.mkdir(parents=True, exist_ok=True)
    (store / f"{digest}.tar").write_bytes(packed.getvalue())
    return f"sha256:{digest}"


def a_release(version: str, digest: str | None) -> Release:
    commit = Commit("0" * 40, "Ada", "Make it so", datetime(2026, 1, 1, tzinfo=UTC))
    return Release(next(_NUMBERS), "backend", version, commit, "1" * 40, "develop", digest)
