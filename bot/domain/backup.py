"""A copy of a database, as the step that made it left it in the ledger."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from shlex import quote

from bot.domain.step import State, Step

SAID = ("path", "sha256", "size", "tables")  # what a backup's program leaves, each as text
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_THOUSAND = 1000.0


@dataclass(frozen=True, slots=True)
class Backup:
    """Where the copy lies, its SHA-256, size in bytes and number of tables as far as known, and when it was complete.

    `database` is the name of the secret with the address of what it is a copy of; empty when a program of the
    catalog's own made it, and only that knows how it is restored.
    """

    path: str
    sha256: str = ""
    size: str = ""
    tables: str = ""
    database: str = ""
    at: datetime | None = None

    @property
    def name(self) -> str:
        """The last part of its path."""
        return PurePath(self.path).name

    @property
    def restore(self) -> str | None:
        """The line that brings it back, or None where Slipway did not make it."""
        return f"slipway backup restore {quote(self.path)} --into {self.database}" if self.database else None

    @property
    def described(self) -> str:
        """Its name, size, tables and checksum, for a card."""
        sha256 = f"sha256 {self.sha256[:12]}" if self.sha256 else ""
        parts = (self.name, size_in_words(self.size), tables_in_words(self.tables), sha256)
        return " · ".join(part for part in parts if part)


def of(step: Step) -> Backup | None:
    """Return the copy that a step made, or None where it made none, or did not say where."""
    path = step.progress.get("path")
    if step.state is not State.SUCCEEDED or step.kind != "backup" or not path:
        return None
    said = {name: str(step.progress.get(name, "")) for name in (*SAID, "database")}
    return Backup(**said, at=step.finished_at)


def tables_in_words(tables: str) -> str:
    """Return how many tables a copy has data of; that there are none may mean that it is of the wrong database."""
    match tables:
        case "0":
            return "⚠️ no tables: the database is empty, or another than was meant"
        case "1":
            return "1 table"
        case _:
            return f"{tables} tables" if tables.isascii() and tables.isdecimal() else ""


def size_in_words(size: str) -> str:
    """Return a number of bytes as people read it: `12.3 MB`; empty for what is no number."""
    if not (size.isascii() and size.isdecimal()):
        return ""
    value, unit = float(size), 0
    while value >= _THOUSAND and unit < len(_UNITS) - 1:
        value, unit = value / _THOUSAND, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"
