"""The local Slack's memory: documents in one SQLite file, written through before anything is answered.

A document store is enough because everything is read once, at start, and then lives in memory. WAL with
`synchronous=NORMAL` survives `kill -9` of the process (not a power cut, which a laptop's practice Slack may).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from .wire import Json, compact, parsed

FILE_MODE = 0o600
FOLDER_MODE = 0o700


OPENING = (
    "PRAGMA locking_mode=EXCLUSIVE",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "CREATE TABLE IF NOT EXISTS documents (kind TEXT, key TEXT, body TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID",
    "BEGIN IMMEDIATE",
    "COMMIT",
)


class Unusable(Exception):  # noqa: N818 - what the file is
    """The file cannot be worked with; the text says which and why."""


class Store:
    """Documents by kind and key. Without a folder it keeps them in memory only."""

    def __init__(self, folder: Path | None) -> None:
        """Open the file, made at the first start. Raises Unusable when it is in use or is not ours."""
        place = _file(folder) if folder else ":memory:"
        self._database = sqlite3.connect(place, isolation_level=None, timeout=0)
        try:
            for statement in OPENING:
                self._database.execute(statement)
        except sqlite3.OperationalError as error:
            raise Unusable(f"{place} is in use by another local Slack: {error}.") from error
        except sqlite3.DatabaseError as error:
            raise Unusable(f"{place} is not the memory of a local Slack: {error}.") from error

    def all(self, kind: str) -> Iterator[Json]:
        """Yield every document of the kind, in the order of their keys."""
        for (body,) in self._database.execute("SELECT body FROM documents WHERE kind = ? ORDER BY key", (kind,)):
            yield parsed(body)

    def get(self, kind: str, key: str) -> Json | None:
        """Return one document, or None when there is none."""
        query = "SELECT body FROM documents WHERE kind = ? AND key = ?"
        row = self._database.execute(query, (kind, key)).fetchone()
        return parsed(row[0]) if row else None

    def put(self, kind: str, key: str, body: Json) -> None:
        """Write the document; it is safe when this returns."""
        self._database.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (kind, key, compact(body)))

    def remove(self, kind: str, key: str) -> None:
        """Forget the document."""
        self._database.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _file(folder: Path) -> Path:
    """Return the database's path, made so that only its owner can read it (tokens are in it)."""
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    path = folder / "local-slack.sqlite3"
    path.touch(mode=FILE_MODE, exist_ok=True)
    path.chmod(FILE_MODE)
    return path
