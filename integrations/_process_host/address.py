"""Where the process host of a data folder keeps its things, and where it listens.

A Unix socket's path may have only some hundred bytes; a data folder deeper than that gets a short one of its own
under the system's temporary folder, named by its hash and closed to other users.
"""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

_LONGEST = 100  # bytes; Linux takes 107, macOS 103


def home(data: Path) -> Path:
    """Return the host's own folder."""
    return data.absolute() / "process"


def containers(data: Path) -> Path:
    """Return the folder of the host that swaps containers (integrations/_docker), within Slipway's data folder."""
    return data.absolute() / "containers"


def socket(data: Path) -> Path:
    """Return the path of the socket, in a folder that exists and is ours alone."""
    folder = home(data)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = folder / "host.sock"
    if len(os.fsencode(beside)) <= _LONGEST:
        return beside
    short = Path(tempfile.gettempdir()) / f"slipway-{os.getuid()}-{mark(data)}"
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) != stat.S_IRWXU:
        raise PermissionError(f"{short} is not a folder of ours alone: remove it")
    return short / "host.sock"


def mark(data: Path) -> str:
    """Return the word that tells this data folder from all others on the machine."""
    return hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16]
