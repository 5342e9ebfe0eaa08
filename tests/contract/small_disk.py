"""A disk that is soon full."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes. Only root may mount one: without it this fails in CI and is skipped elsewhere."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    mounted = subprocess.run(mounting, check=False, capture_output=True, text=True)
    if mounted.returncode != 0 and os.environ.get("CI") == "true":
        pytest.fail(f"a small disk cannot be mounted here, and in CI it must be possible: {mounted.stderr}")
    if mounted.returncode != 0:
        pytest.skip("a full disk: only root may mount a small one" + (", and not here" if os.geteuid() == 0 else ""))
    yield place
    subprocess.run(["umount", "-l", place], check=True)
