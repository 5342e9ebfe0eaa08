"""Releases: what could run, where it came from, and what it is made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

SHORTEST_COMMIT = 4


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit as people read it in a plan. `at` is aware UTC."""

    id: str
    author: str
    subject: str
    at: datetime

    @property
    def short(self) -> str:
        """The first seven characters, as git prints them."""
        return self.id[:7]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A commit that could become a release of a service.

    `tree` is the git tree of the service's folder at that commit: two commits with one tree hold the same source.
    `version` is the newest tag that names the commit, or its first seven characters.
    """

    service: str
    version: str
    commit: Commit
    tree: str
    branch: str


@dataclass(frozen=True, slots=True)
class Release:
    """A candidate that the ledger knows. `digest` is ``sha256:<hex>`` of its artefact, or None until it is built."""

    id: int
    service: str
    version: str
    commit: Commit
    tree: str
    branch: str
    digest: str | None = None

    @property
    def built(self) -> bool:
        """Whether an artefact exists that can be applied or promoted."""
        return self.digest is not None


def meant(word: str, among: Iterable[Release]) -> list[Release]:
    """Return the releases that a person may mean by a word.

    `#12` is the number and nothing else. A bare word is a version, with or without its v, or a number; and only where
    it is neither, the beginning of a commit.
    """
    known = list(among)
    if word.startswith("#"):
        return [one for one in known if word == f"#{one.id}"]
    found = [one for one in known if one.version in {word, word.removeprefix("v")} or word == str(one.id)]
    if found or len(word) < SHORTEST_COMMIT:
        return found
    return [one for one in known if one.commit.id.startswith(word.lower())]


def several(releases: Sequence[Release]) -> str:
    """Name releases that one word could mean, so that the next word means one."""
    named = [f"{one.service} {one.version} (#{one.id}, commit {one.commit.short})" for one in releases]
    return f"{', '.join(named[:-1])} or {named[-1]}"


def newest_first(releases: Iterable[Release], order: Sequence[str]) -> list[Release]:
    """Return releases newest first: by the order of their commits in the history, which is newest first too.

    What the history does not know finds its place by the time of its commit; so does everything when nothing is known.
    """
    places = {commit: place for place, commit in enumerate(order)}
    by_time = sorted(releases, key=lambda one: one.commit.at, reverse=True)
    placed = sorted((one for one in by_time if one.commit.id in places), key=lambda one: places[one.commit.id])
    for stray in (one for one in by_time if one.commit.id not in places):
        older = (place for place, one in enumerate(placed) if one.commit.at < stray.commit.at)
        placed.insert(next(older, len(placed)), stray)
    return placed
