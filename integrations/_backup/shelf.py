"""The folder of copies: beside each lies what is known of it, which is there before the copy has its name."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.errors import GaveUp

_LEFTOVER = timedelta(days=1)  # no copy is made for so long; what is older was left by one that was killed
_MAKING = ".making-"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a copy. `database` and `key` are the names of the secrets it was made with; sizes in bytes.

    `programs` is the folder of PostgreSQL's programs, when they were not on PATH; `tables` how many it has data of, or
    None where nobody counted.
    """

    name: str
    owner: str
    at: str
    sha256: str
    size: int
    dumped: int
    database: str
    key: str
    programs: str = ""
    tables: int | None = None


def making(folder: Path, name: str) -> Path:
    """Return where a copy is made, in a folder that is there and that nobody else may enter; `GaveUp` as in `put`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / name).exists():
        raise _taken(folder / name)
    return folder / f"{_MAKING}{name}"


def put(folder: Path, made: Path, facts: Facts) -> Path:
    """Give a copy its name, with its facts beside it, both kept through a power cut.

    `GaveUp` when there is one of that name already: the facts are what claims it, and only one can make their file.
    """
    beside = _facts_of(folder / facts.name)
    if (folder / facts.name).exists():
        raise _taken(folder / facts.name)
    try:
        with beside.open("x", encoding="utf-8") as file:
            json.dump(asdict(facts), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise _taken(folder / facts.name) from error
    named = made.rename(folder / facts.name)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return named


def _taken(copy: Path) -> GaveUp:
    return GaveUp(f"there is a copy {copy} already, and none is ever written over; move it away, or begin anew")


def known(copy: Path) -> Facts | None:
    """Return what is known of a copy; None where nothing lies beside it."""
    try:
        return Facts(**json.loads(_facts_of(copy).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def copies(folder: Path) -> list[tuple[Path, Facts]]:
    """Return the copies in a folder, newest first."""
    found = [(copy, facts) for copy in folder.glob("*.dump.age") if (facts := known(copy)) is not None]
    return sorted(found, key=lambda one: (one[1].at, one[1].name), reverse=True)


def sweep(folder: Path, owner: str, database: str, *, keep: timedelta, now: datetime) -> list[str]:
    """Remove the copies of an owner's database that are too old, and what killed ones left; return which.

    The newest copy of a database stays however old it is: it may be the only one of what another step copies.
    """
    swept = []
    for copy, facts in [one for one in copies(folder) if (one[1].owner, one[1].database) == (owner, database)][1:]:
        if datetime.fromisoformat(facts.at) < now - keep:
            copy.unlink(missing_ok=True)
            _facts_of(copy).unlink(missing_ok=True)
            swept.append(facts.name)
    for left in folder.glob(f"{_MAKING}*"):
        with contextlib.suppress(FileNotFoundError):
            if datetime.fromtimestamp(left.stat().st_mtime, UTC) < now - _LEFTOVER:
                left.unlink()
    return swept


def _facts_of(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}.json")
