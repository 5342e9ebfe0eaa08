"""A disk that is soon full."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes. Only root may mount one, and not in every container: it is said where none is."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    mounted = subprocess.run(mounting, check=False, capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("a full disk: only root may mount a small one" + (", and not here" if os.geteuid() == 0 else ""))
    yield place
    subprocess.run(["umount", "-l", place], check=True)
