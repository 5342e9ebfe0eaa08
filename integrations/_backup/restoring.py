"""Bringing a copy back: everything in a database is replaced by what is in the copy, in one transaction or not at all.

pg_restore writes the copy as SQL, and psql runs it; we stand between the two and say COMMIT only when the copy was
decrypted to its end and pg_restore ended well. Whatever fails before that leaves the database as it was.

Which database that is, the address alone says: the programs are not shown the variables of the shell that we were
started from (PGSERVICE would count more than the address), and the server is asked before and again within.
"""

import json
import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.domain.errors import GaveUp
from integrations._backup import sealing
from integrations._backup.emptying import MARK, emptied
from integrations._backup.programs import Program
from integrations._backup.sealing import Feeding, Identity, Measured
from integrations._environment import minimal

_PIECE = 1 << 20
_CUT_OFF = 2  # psql lost its connection; where the database refuses something, it ends with 3
_PSQL = ("--no-psqlrc", "--no-password", "--quiet", "--set=ON_ERROR_STOP=1")
_PG_RESTORE = ("pg_restore", "--no-subscriptions", "--file=-")  # whose slots another database may be reading
_LOOKED = f"""
SELECT json_build_object('database', current_database(), 'host', coalesce(host(inet_server_addr()), ''),
  'port', inet_server_port(), 'mark', {MARK});
"""
_MARK = re.compile(r"[0-9]+/[0-9.]+")
_HEAD = 4096  # bytes within which pg_restore sets what goes for the session
_TIMEOUT_OF_17 = re.compile(rb"^SET transaction_timeout = 0;\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """The database that answers at an address: its name, where its server says that it is, and its mark.

    `host` is empty where the server is on this machine's own socket. The mark tells one database of one running server
    from every other (integrations/_backup/emptying.py).
    """

    database: str
    host: str
    port: int | None
    mark: str


def look(where: Mapping[str, str], *, programs: str | None = None) -> Place:
    """Ask which database answers at an address; `GaveUp` when none does, or another than the address names."""
    argv = ["psql", *_PSQL, "--no-align", "--tuples-only", f"--command={_LOOKED}"]
    with Program(programs, argv, minimal({**where, "PGCLIENTENCODING": "UTF8"}), feeds=False, reads=True) as asking:
        answer = asking.output.read()
    if asking.said is not None:
        raise GaveUp(asking.said)
    try:
        place = Place(**json.loads(answer))
    except (ValueError, TypeError) as error:
        raise GaveUp("what answers there is no PostgreSQL, or does not say which database it is") from error
    named = where.get("PGDATABASE", place.database)
    if named != place.database:
        raise GaveUp(f"the address names the database {named}, and {place.database} answers; nothing was done")
    if not _MARK.fullmatch(place.mark):
        raise GaveUp(f"the database {place.database} does not say which server it is on; nothing was done")
    return place


def restore(
    copy: Path,
    key: Identity,
    where: Mapping[str, str],
    into: Place,
    *,
    programs: str | None = None,
    owners: bool = True,
) -> None:
    """Replace what is in a database by a copy; `GaveUp` says why nothing was changed.

    `into` is what was seen at the address: of another database that answers there by now nothing is dropped.
    """
    environment = minimal(where)
    owned = [] if owners else ["--no-owner", "--no-privileges"]
    writing = Program(programs, [*_PG_RESTORE, *owned], environment, feeds=True, reads=True)
    try:
        running = Program(programs, ["psql", *_PSQL, "--file=-"], environment, feeds=True, reads=False)
    except GaveUp:
        writing.kill()
        writing.end()
        raise
    reason, asked = _through(_Opening(copy, key, writing.input), writing, running, emptied(into.mark))
    refused = running.end()
    if asked and running.code == _CUT_OFF:
        raise GaveUp(f"whether it was changed cannot be told, for the end was not heard: {refused}")
    if not asked or refused is not None:
        raise GaveUp(f"nothing was changed: {reason or refused}")


def _through(opening: "_Opening", writing: Program, running: Program, first: str) -> tuple[str | None, bool]:
    """Have a copy go through both programs; return what failed on this side of psql, and whether COMMIT was said."""
    opening.start()
    taken = _fed(running.input, first.encode()) and _copied(writing.output, running.input)
    if not taken:  # psql has ended, and says why
        writing.kill()
    opening.join()
    said = writing.end()
    reason = (opening.failed or said) if taken else None
    return reason, taken and reason is None and _fed(running.input, b"\nCOMMIT;\n")


class _Opening(threading.Thread):
    """Decrypts a copy into a program's input; `failed` says why it could not."""

    def __init__(self, copy: Path, key: Identity, into: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._copy, self._key, self._into = copy, key, into
        self.failed: str | None = None

    def run(self) -> None:
        try:
            with self._copy.open("rb") as file:
                sealing.unseal(Measured(file), Feeding(self._into), self._key)
        except GaveUp as no:
            self.failed = no.reason
        except OSError as error:
            self.failed = f"{self._copy} cannot be read: {error.strerror}"
        finally:
            with suppress(BrokenPipeError):
                self._into.close()


def _copied(written: IO[bytes], into: IO[bytes]) -> bool:
    head = _TIMEOUT_OF_17.sub(b"", written.read(_HEAD), 1)  # servers before 17 do not know it; `emptied` sets it
    if not _fed(into, head):
        return False
    while piece := written.read(_PIECE):
        if not _fed(into, piece):
            return False
    return True


def _fed(into: IO[bytes], piece: bytes) -> bool:
    """Feed a program; return whether it still reads."""
    try:
        into.write(piece)
        into.flush()
    except BrokenPipeError:
        return False
    return True
