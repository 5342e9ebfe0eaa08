"""Copies of PostgreSQL databases, made by a program of their own (integrations/_backup), under ``<data>/backups/``.

The address goes to PostgreSQL's programs as variables, and the identity beside it: neither is ever an argument, for
those can be read by everybody on a machine.
"""

import sys
from pathlib import Path

from bot.domain.errors import GaveUp
from bot.plugins import Surroundings
from bot.ports import Copying, Invocation
from integrations._backup import address

KEY = "SLIPWAY_BACKUP_KEY"
_IDENTITY = "AGE-SECRET-KEY-1"


class PostgresBackups:
    """Implements `bot.ports.Backups`. `programs` is where pg_dump and pg_restore are when nothing else is said."""

    def __init__(self, surroundings: Surroundings, *, programs: Path | None = None) -> None:
        self._folder, self._secrets, self._programs = folder_of(surroundings.data), surroundings.secrets, programs

    def invocation(self, copying: Copying) -> Invocation:
        """See `bot.ports.Backups`."""
        where = address.variables(self._secrets.read(copying.database), secret=copying.database)
        key = self._secrets.read(copying.key)
        if _IDENTITY not in key:
            raise GaveUp(
                f"the secret {copying.key} is no age identity: one begins with {_IDENTITY}; "
                "`slipway backup key` makes one"
            )
        programs = copying.programs or self._programs
        argv = [
            *(sys.executable, "-P", "-m", "integrations._backup"),
            *("--folder", str(Path(copying.folder).absolute() if copying.folder else self._folder)),
            *("--name", copying.name, "--owner", copying.owner),
            *("--database", copying.database, "--key", copying.key),
            *("--keep", f"{copying.keep.total_seconds():.0f}"),
            *(("--programs", str(programs)) if programs else ()),
        ]
        return Invocation(argv, {**where, KEY: key}, timeout=copying.timeout)


def folder_of(data: Path) -> Path:
    """Return where copies lie when nothing else is said."""
    return data.absolute() / "backups"
