"""What programs that Slipway starts find in their environment: little, and none of the bot's own secrets.

The list says what is let through (deny by default): a new secret of the bot can then never leak by being forgotten.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

_LET_THROUGH = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


ENGINE = ("DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONFIG")
"""How people say where the Docker Engine is, and where their credentials for registries are."""


def present(names: tuple[str, ...]) -> dict[str, str]:
    """Return those of some variables of ours that are set."""
    return {name: os.environ[name] for name in names if name in os.environ}


def is_found(program: str, folder: str | None = None) -> bool:
    """Whether a program that is started in a folder would be found, by its path or on PATH."""
    if "/" in program:
        program = str(Path(folder or ".", program).absolute())
    return shutil.which(program, path=minimal()["PATH"]) is not None


def minimal(extra: Mapping[str, str] | None = None, *, let_through: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the few variables of ours that programs need, and `extra` over them.

    Our own interpreter's folder closes PATH, so that ``python3`` is found on a machine that has no other.
    """
    environment = present((*_LET_THROUGH, *let_through))
    environment["PATH"] = os.pathsep.join([environment.get("PATH", os.defpath), str(Path(sys.executable).parent)])
    return environment | dict(extra or {})
