"""Artefacts in a store, for benches whose backends run or publish them."""

import hashlib
import io
import tarfile
from pathlib import Path


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
