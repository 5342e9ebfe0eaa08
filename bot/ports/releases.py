"""Where releases come from: candidates, their history, how they are built, what others have said of them."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from bot.domain.check import Check
from bot.domain.release import Candidate, Commit
from bot.ports.where import Invocation


class Releases(Protocol):
    """Where candidates come from."""

    async def latest(self, service: str, branch: str) -> Candidate | None:
        """Return the newest candidate on the branch, or None when the branch holds none."""

    async def find(self, service: str, word: str) -> Candidate | None:
        """Return the candidate a person means by a version, a branch, or (a part of) a commit id; None if none is."""


class Builds(Protocol):
    """How artefacts are made of commits."""

    def invocation(self, service: str, commit: str) -> Invocation:
        """Return the command that builds the commit's artefact; it leaves ``digest=sha256:<hex>`` in its result."""


class History(Protocol):
    """What is known of the commits behind releases."""

    async def between(self, service: str, old: str | None, new: str) -> Sequence[Commit]:
        """Return the commits that `new` has and `old` has not, newest first, at most 200."""

    async def order(self, service: str, commits: Sequence[str]) -> Sequence[str]:
        """Return those of the commits that it knows, newest first: what grew from another stands before it.

        Where neither grew from the other, their times decide.
        """

    async def contains(self, service: str, branch: str, *, commit: str, tree: str) -> bool:
        """Whether the branch holds the commit, or a commit with the same tree for the service's folder."""


@runtime_checkable
class Checks(Protocol):
    """What others have said of a commit: test runs, scanners, reviews."""

    async def checks(self, service: str, commit: str) -> Sequence[Check]:
        """Return every check there is for the commit, each by its newest run."""
