"""The words people name commits by, and what git prints about them, as values. Pure: text in, values out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.release import Commit

LOG_FORMAT = "--format=%H%x00%an%x00%ct%x00%s%x00%D"
_FIELDS = 5
_TAG = "tag: refs/tags/"
_HEX = re.compile(r"[0-9a-f]{4,64}", re.IGNORECASE)
_NO_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/.]|[/.]$|^@$|\.lock(/|$)|/\.")
_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)(.*)")


@dataclass(frozen=True, slots=True)
class Logged:
    """One entry of a log: the commit, and the names of the tags that point at it."""

    commit: Commit
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ref:
    """A branch or a tag (`name` in full, ``refs/…``), the commit it leads to, and whether it is checked out."""

    name: str
    commit: str
    head: bool


def logged(printed: str) -> list[Logged]:
    """Read what ``git log -z`` printed in `LOG_FORMAT`."""
    fields = printed.split("\0")
    rows = [fields[at : at + _FIELDS] for at in range(0, len(fields) - _FIELDS + 1, _FIELDS)]
    return [_entry(*row) for row in rows]


def _entry(commit: str, author: str, seconds: str, subject: str, decorations: str) -> Logged:
    tags = (word.removeprefix(_TAG) for word in decorations.split(", ") if word.startswith(_TAG))
    at = datetime.fromtimestamp(int(seconds), UTC)
    return Logged(Commit(commit.strip(), author, subject, at), tuple(tags))


def refs(printed: str) -> list[Ref]:
    """Read what ``git for-each-ref`` printed: name, object, peeled object, and ``*`` where it is checked out."""
    rows = (line.split("\0") for line in printed.splitlines() if line)
    return [Ref(name, peeled or commit, head == "*") for name, commit, peeled, head in rows]


def possible_ref(word: str) -> bool:
    """Whether git would take this for the name of a branch or a tag; all else would mean something to its parser."""
    return bool(word) and _NO_REF.search(word) is None


def possible_id(word: str) -> bool:
    """Whether this can be (the beginning of) a commit id."""
    return _HEX.fullmatch(word) is not None


def tags_for(service: str, version: str) -> tuple[str, ...]:
    """Return the tags that would name this version of the service, the most particular first."""
    bare = version.removeprefix("v")
    return tuple(f"{prefix}{v}{bare}" for prefix in (f"{service}/", f"{service}-", "") for v in ("v", ""))


def version_of(service: str, tags: Sequence[str]) -> str | None:
    """Return the newest version that the tags give this service, its own tags before those of the whole repository."""
    for prefix in (f"{service}/", f"{service}-", ""):
        versions = [tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)]
        known = [version for version in versions if _VERSION.fullmatch(version) and "/" not in version]
        if known:
            return max(known, key=_order).removeprefix("v")
    return None


def _order(version: str) -> tuple[tuple[int, ...], bool, str]:
    found = _VERSION.fullmatch(version)
    if found is None:
        return ((), False, version)
    # 1.2.0 comes after 1.2.0-rc1
    return tuple(int(part) for part in found[1].split(".")), not found[2], found[2]
