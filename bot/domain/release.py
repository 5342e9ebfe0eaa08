"""Releases: what could run, where it came from, and what it is made of."""

from dataclasses import dataclass
from datetime import datetime


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
