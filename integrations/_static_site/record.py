"""What was asked under a key, what serves, and what the two say of each other: values, decided without looking."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from bot.domain.observation import Observed, Phase

_MOST_LINES, _MOST_NAMED = 50, 3


@dataclass(frozen=True, slots=True)
class Record:
    """What was asked under a key: the `number` is its place in the order of asking, `release` the files' name."""

    key: str
    number: int
    target: str
    digest: str
    version: str
    release: str
    changed: str = ""
    failed: str = ""

    @property
    def name(self) -> str:
        """What it is stored as: a key may hold any character, a name may not. It sorts in the order of asking."""
        return f"{self.number:08d}-{mark(self.key)}-{self.release}"


@dataclass(frozen=True, slots=True)
class Pointer:
    """What serves. `tag` is the store's own name of this state; `whole` is not so while pages are being copied.

    `lacking` says in words which of its files are gone, `foreign` what is there when it is nothing of ours.
    """

    record: Record | None = None
    tag: str | None = None
    whole: bool = True
    foreign: str = ""
    lacking: str = ""

    @property
    def number(self) -> int:
        """The place of what serves in the order of asking; what is not ours comes before all."""
        return self.record.number if self.record else 0

    def serves(self, record: Record) -> bool:
        """Whether a record is what serves, and wholly."""
        return self.whole and not self.lacking and self.record is not None and self.record.name == record.name


RECORD: TypeAdapter[Record] = TypeAdapter(Record)
NAME = re.compile(r"[0-9]{8,}-[0-9a-f]{24}-[0-9a-f]{24}")


def mark(key: str) -> str:
    """Return a key as a part of a name."""
    return hashlib.sha256(key.encode()).hexdigest()[:24]


def number_of(name: str) -> int:
    """Return the number in a record's name."""
    return int(name.split("-", maxsplit=1)[0])


def mark_of(name: str) -> str:
    """Return the mark of the key in a record's name."""
    return name.split("-")[1]


def release_of(name: str) -> str:
    """Return the release in a record's name."""
    return name.split("-")[2]


def observed(pointer: Pointer, mine: Record | None) -> Observed:
    """Say how far a key has come, and what serves."""
    phase, detail = _standing(pointer, mine)
    live = pointer.record
    if live is None:
        return Observed(phase, detail=detail, replicas=None if pointer.foreign else (0, 0))
    if not pointer.whole or pointer.lacking:
        return Observed(phase, detail=detail, replicas=(0, 1))
    return Observed(phase, live.key, live.digest, live.version, detail, replicas=(1, 1))


def _standing(pointer: Pointer, mine: Record | None) -> tuple[Phase, str]:
    live = pointer.record
    if mine is None:
        return Phase.ABSENT, pointer.foreign or "nothing was asked under this key"
    if mine.failed:
        return Phase.FAILED, mine.failed
    if pointer.serves(mine):
        return Phase.LIVE, mine.changed
    if live is not None and live.name == mine.name and pointer.lacking:
        return Phase.ABSENT, f"{mine.version} went live, and {pointer.lacking}"
    if live is not None and live.name == mine.name:
        return Phase.ABSENT, f"{mine.version} is being copied: what serves is a mixture until that is done"
    if pointer.foreign:
        return Phase.UNKNOWN, pointer.foreign
    if live is None or mine.number > live.number:
        return Phase.ABSENT, "it was asked for, and never went live"
    return Phase.FAILED, f"superseded: {live.version} took over"


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Return the paths that came (+), went (-) and changed (~), in order."""
    came = {path: f"+ {path}" for path in new if path not in old}
    went = {path: f"- {path}" for path in old if path not in new}
    other = {path: f"~ {path}" for path in new if path in old and old[path] != new[path]}
    return [line for _, line in sorted((came | went | other).items())]


def told(lines: Sequence[str]) -> list[str]:
    """Return as many of the lines as a person reads."""
    if len(lines) <= _MOST_LINES:
        return list(lines)
    return [*lines[:_MOST_LINES], f"… and {len(lines) - _MOST_LINES:,} more"]


def summary(lines: Sequence[str], total: int) -> str:
    """Say in one line what changed among the paths of a site."""
    if not lines:
        return f"nothing changed among {total:,} paths"
    named = ", ".join(line[2:] for line in lines[:_MOST_NAMED]) + (", …" if len(lines) > _MOST_NAMED else "")
    return f"{len(lines):,} changed, of {total:,} paths: {named}"
