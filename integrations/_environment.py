"""What programs that Slipway starts find in their environment: little, and none of the bot's own secrets.

The list says what is let through (deny by default): a new secret of the bot can then never leak by being forgotten.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_LET_THROUGH = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


def minimal(extra: Mapping[str, str] | None = None, *, let_through: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the few variables of ours that programs need, and `extra` over them.

    Our own interpreter's folder closes PATH, so that ``python3`` is found on a machine that has no other.
    """
    environment = {name: os.environ[name] for name in (*_LET_THROUGH, *let_through) if name in os.environ}
    environment["PATH"] = os.pathsep.join([environment.get("PATH", os.defpath), str(Path(sys.executable).parent)])
    return environment | dict(extra or {})
