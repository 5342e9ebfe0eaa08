"""Makes one copy of a database: a program of its own, run by a `Runner`, so that a copy outlives the bot.

pg_dump's output goes through the encryption to the disk without resting anywhere; then the file is read back,
decrypted, and shown to pg_restore. Only what was read to its end gets the name of a copy. Where the database is, and
the identity that opens the copy, stand in the environment.
"""

import argparse
import os
import re
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.backup import tables_in_words
from bot.domain.errors import GaveUp
from integrations._backup import sealing, shelf
from integrations._backup.programs import Program
from integrations._backup.sealing import Feeding, Measured
from integrations._backup.shelf import Facts

KEY = "SLIPWAY_BACKUP_KEY"
_FAILED = 1
_DATA_OF_A_TABLE = re.compile(rb"\d+; \d+ \d+ TABLE DATA ")  # a line of `pg_restore --list`


def main() -> int:
    """Do what the command line says and return the exit code."""
    wanted = _arguments()
    written = os.environ.pop(KEY, "")
    try:
        facts, path = _make(wanted, written)
    except GaveUp as no:
        _say(no.reason)
        _report(error=" ".join(no.reason.split()))
        return _FAILED
    tables = str(facts.tables)
    _say(f"{facts.name}: {facts.size} bytes, sha256 {facts.sha256}, read back and complete, {tables_in_words(tables)}")
    _report(path=str(path), sha256=facts.sha256, size=str(facts.size), tables=tables)
    _clear(path.parent, wanted)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="backup", description="Make a copy of a database.")
    for name in ("folder", "name", "owner", "database", "key"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--keep", type=float, required=True, help="seconds")
    parser.add_argument("--programs")
    return parser.parse_args()


def _say(sentence: str) -> None:
    sys.stdout.write(f"[backup] {sentence}\n")
    sys.stdout.flush()


def _report(**said: str) -> None:
    result = os.environ.get("SLIPWAY_RESULT")
    if result:
        with Path(result).open("a", encoding="utf-8") as lines:
            lines.writelines(f"{name}={value}\n" for name, value in said.items())


def _make(wanted: argparse.Namespace, written: str) -> tuple[Facts, Path]:
    """Make the copy, whole and readable, or leave nothing."""
    folder, key = Path(wanted.folder), sealing.identity(written, secret=wanted.key)
    made: Path | None = None
    try:
        made = shelf.making(folder, wanted.name)
        dumped, sealed = _dump(made, key, wanted.programs)
        _say(f"dumped {dumped.size} bytes; reading them back")
        tables = _check(made, key, wanted.programs, dumped=dumped, sealed=sealed)
        at = datetime.now(UTC).isoformat(timespec="seconds")  # noqa: TID251 - a program of its own, without a Clock
        facts = Facts(
            wanted.name,
            wanted.owner,
            at,
            sealed.sha256,
            sealed.size,
            dumped.size,
            wanted.database,
            wanted.key,
            wanted.programs or "",
            tables,
        )
        return facts, shelf.put(folder, made, facts)
    except OSError as error:
        raise GaveUp(f"cannot write the copy to {folder}: {error.strerror}") from error
    finally:
        if made is not None:
            made.unlink(missing_ok=True)


def _dump(made: Path, key: sealing.Identity, programs: str | None) -> tuple[Measured, Measured]:
    """Dump the database into an encrypted file; return what went in and what came out."""
    argv = ["pg_dump", "--format=custom", "--no-password"]
    made.touch(mode=0o600)
    with made.open("wb") as file:
        with Program(programs, argv, os.environ, feeds=False, reads=True) as dump:
            dumped, sealed = Measured(dump.output), Measured(file)
            sealing.seal(dumped, sealed, key)
        if dump.said is not None:
            raise GaveUp(dump.said)
        file.flush()
        os.fsync(file.fileno())
    return dumped, sealed


def _check(made: Path, key: sealing.Identity, programs: str | None, *, dumped: Measured, sealed: Measured) -> int:
    """Read the file back to its end, and have pg_restore read what is in it; return how many tables it has data of."""
    with tempfile.TemporaryFile() as listed:  # not a pipe: it writes while we feed it
        listing = Program(programs, ["pg_restore", "--list"], os.environ, feeds=True, reads=listed)
        with made.open("rb") as file, listing:
            kept, opened = Measured(file), Feeding(listing.input)
            sealing.unseal(kept, opened, key)
        if listing.said is not None:
            raise GaveUp(f"the copy cannot be read back: {listing.said}")
        if (kept.sha256, opened.sha256) != (sealed.sha256, dumped.sha256):
            raise GaveUp(f"the copy is not what was dumped: {opened.size} of {dumped.size} bytes came back")
        listed.seek(0)
        return sum(1 for line in listed if _DATA_OF_A_TABLE.match(line))


def _clear(folder: Path, wanted: argparse.Namespace) -> None:
    """Remove what is too old; that it cannot be removed does not make the new copy a worse one."""
    now = datetime.now(UTC)  # noqa: TID251 - as above
    try:
        swept = shelf.sweep(folder, wanted.owner, wanted.database, keep=timedelta(seconds=wanted.keep), now=now)
    except OSError as error:
        _say(f"old copies cannot be removed from {folder}: {error.strerror}")
        return
    for name in swept:
        _say(f"removed {name}: it was older than it is kept")


if __name__ == "__main__":
    sys.exit(main())
