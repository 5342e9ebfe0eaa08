"""What is looked at before anything is started, so that a refusal leaves everything as it was."""

import contextlib
import shutil
import socket
from pathlib import Path

from bot.domain.errors import Refused
from bot.listening import by
from bot.sandbox.serving import HOST, listening

_ROOM = 200 * 1024 * 1024  # the database's log alone may take 256 MB while it is busy; below this it is hopeless
_MB = 1024 * 1024


def check_folder(data: Path) -> None:
    """Refuse a data folder that cannot be written to, or a disk without room."""
    trial = data / ".trial"
    try:
        data.mkdir(parents=True, exist_ok=True)
        trial.write_bytes(b"\0" * 4096)
        trial.unlink()
    except OSError as error:
        raise Refused(f"{data} cannot be written to: {error.strerror}. Say --data with a folder that can.") from error
    free = shutil.disk_usage(data).free
    if free < _ROOM:
        raise Refused(
            f"The disk of {data} is nearly full: {free // _MB} MB are free, and {_ROOM // _MB} MB are needed. "
            "Make room, or say --data with a folder on another disk."
        )


def take_port(port: int) -> socket.socket:
    """Return a socket bound to the port; `Refused` names whoever has it."""
    try:
        return listening(port)
    except PermissionError as error:
        raise Refused(f"Port {port} is not for ordinary users; say --port with one above 1023.") from error
    except OSError as error:
        raise Refused(f"Port {port} is in use{by(port)}; stop that, or say --port with another.") from error


def free_port(wanted: int) -> int:
    """Return the wanted port when nobody has it, else another free one."""
    for port in (wanted, 0):
        with contextlib.suppress(OSError), listening(port) as bound:
            return int(bound.getsockname()[1])
    raise Refused(f"There is no free port on {HOST}.")
