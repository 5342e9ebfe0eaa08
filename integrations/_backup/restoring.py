"""Bringing a copy back: everything in a database is replaced by what is in the copy, in one transaction or not at all.

pg_restore writes the copy as SQL, and psql runs it; we stand between the two and say COMMIT only when the copy was
decrypted to its end and pg_restore ended well. Whatever fails before that leaves the database as it was.
"""

import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from bot.domain.errors import GaveUp
from integrations._backup import sealing
from integrations._backup.programs import Program
from integrations._backup.sealing import Feeding, Identity, Measured

_PIECE = 1 << 20
_CUT_OFF = 2  # psql lost its connection; where the database refuses something, it ends with 3
_PSQL = ("psql", "--no-psqlrc", "--no-password", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-")
_EMPTIED = """
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL lock_timeout = '10s';
DO $emptied$
DECLARE
  found record;
  granted text;
  grants text[] := '{}';
BEGIN
  FOR found IN SELECT nspname, pg_get_userbyid(nspowner) AS owner, nspacl FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', found.nspname);
    IF found.nspname = 'public' THEN
      grants := array[format('CREATE SCHEMA public AUTHORIZATION %I', found.owner)];
      FOR granted IN SELECT format('GRANT %s ON SCHEMA public TO %s', privilege_type,
          CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
        FROM aclexplode(found.nspacl) LOOP
        grants := grants || granted;
      END LOOP;
    END IF;
  END LOOP;
  FOREACH granted IN ARRAY grants LOOP
    EXECUTE granted;
  END LOOP;
  PERFORM lo_unlink(oid) FROM pg_largeobject_metadata;
END
$emptied$;
"""  # the schema public comes back as it was, for a copy does not say what it was like when that was as usual


def restore(
    copy: Path, key: Identity, where: Mapping[str, str], *, programs: str | None = None, owners: bool = True
) -> None:
    """Replace what is in a database by a copy; `GaveUp` says why nothing was changed."""
    environment = {**os.environ, **where}
    owned = [] if owners else ["--no-owner", "--no-privileges"]
    writing = Program(programs, ["pg_restore", "--file=-", *owned], environment, feeds=True, reads=True)
    try:
        running = Program(programs, list(_PSQL), environment, feeds=True, reads=False)
    except GaveUp:
        writing.kill()
        writing.end()
        raise
    reason, asked = _through(_Opening(copy, key, writing.input), writing, running)
    refused = running.end()
    if asked and running.code == _CUT_OFF:
        raise GaveUp(f"whether it was changed cannot be told, for the end was not heard: {refused}")
    if not asked or refused is not None:
        raise GaveUp(f"nothing was changed: {reason or refused}")


def _through(opening: "_Opening", writing: Program, running: Program) -> tuple[str | None, bool]:
    """Have a copy go through both programs; return what failed on this side of psql, and whether COMMIT was said."""
    opening.start()
    taken = _fed(running.input, _EMPTIED.encode()) and _copied(writing.output, running.input)
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
