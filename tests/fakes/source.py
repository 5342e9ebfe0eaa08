"""A source of releases that lives in memory: services, branches, commits and tags, without git.

One history for all services, as in one repository: a commit touches one service and is made on one branch; `merge`
and `squash` carry commits over. A candidate's tree is made of its content, so that equal content has equal trees.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.domain.check import Check
from bot.domain.errors import Refused, Retry
from bot.domain.release import Candidate, Commit
from bot.ports import Invocation

_FIRST = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_SHORTEST = 4


def _hex(*words: str) -> str:
    return hashlib.sha1("\0".join(words).encode(), usedforsecurity=False).hexdigest()


class ScriptedSource:
    """Implements `bot.ports.Releases`, `History` and `Builds` in memory."""

    def __init__(self) -> None:
        self.down = ""  # when not empty, what looks at the repository raises `Retry` with these words
        self.clock: datetime | None = None  # what the committer's clock says, however it is set
        self._branches: dict[tuple[str, str], list[Candidate]] = {}
        self._made = 0

    def commit(
        self,
        service: str,
        version: str = "",
        *,
        branch: str = "develop",
        subject: str = "",
        author: str = "Ada Lovelace",
        content: str = "",
    ) -> Candidate:
        """Add a commit to a branch and return the candidate that it is."""
        self._made += 1
        number = str(self._made)
        commit = Commit(
            _hex("commit", number, service, branch),
            author,
            subject or f"Change {number} of {service}",
            self.clock or _FIRST + timedelta(hours=self._made),
        )
        made = Candidate(service, version or commit.short, commit, _hex("tree", service, content or number), branch)
        self._branches.setdefault((service, branch), []).append(made)
        return made

    def merge(self, source: str = "develop", into: str = "main") -> None:
        """Bring every commit of one branch to another, for every service."""
        for (service, branch), line in list(self._branches.items()):
            if branch == source:
                onto = self._branches.setdefault((service, into), [])
                held = {candidate.commit.id for candidate in onto}
                onto += [_on(into, candidate) for candidate in line if candidate.commit.id not in held]

    def squash(self, candidate: Candidate, into: str = "main") -> Candidate:
        """Bring a commit's content to another branch under a new commit id."""
        made = self.commit(candidate.service, branch=into, subject=f"Squash {candidate.version}")
        same = Candidate(made.service, made.version, made.commit, candidate.tree, into)
        self._branches[candidate.service, into][-1] = same
        return same

    async def latest(self, service: str, branch: str) -> Candidate | None:
        """See `bot.ports.Releases`."""
        self._reachable()
        line = self._branches.get((service, branch))
        return line[-1] if line else None

    async def find(self, service: str, word: str) -> Candidate | None:
        """See `bot.ports.Releases`."""
        self._reachable()
        every = {one.commit.id: one for line in self._lines(service) for one in reversed(line)}
        named = [one for one in every.values() if one.version == word.removeprefix("v")]
        if named:
            return named[0]
        if (service, word) in self._branches:
            return self._branches[service, word][-1]
        begun = [one for one in every.values() if len(word) >= _SHORTEST and one.commit.id.startswith(word.lower())]
        if len(begun) > 1:
            raise Refused(f"“{word}” begins more than one commit: {begun[0].commit.short}, {begun[1].commit.short}")
        return begun[0] if begun else None

    async def between(self, service: str, old: str | None, new: str) -> Sequence[Commit]:
        """See `bot.ports.History`."""
        self._reachable()
        had = set(self._up_to(service, old)) if old else set()
        return [commit for commit in reversed(self._up_to(service, new)) if commit not in had][:200]

    async def order(self, service: str, commits: Sequence[str]) -> Sequence[str]:
        """See `bot.ports.History`."""
        self._reachable()
        every = {one.commit.id: one.commit for line in self._lines(service) for one in line}
        left = [every[one] for one in commits if one in every]
        placed: list[str] = []
        while left:
            tips = [one for one in left if not any(self._grew(service, other.id, one.id) for other in left)]
            newest = max(tips, key=lambda one: one.at)
            left.remove(newest)
            placed.append(newest.id)
        return placed

    def _grew(self, service: str, new: str, old: str) -> bool:
        """Whether one commit grew from another: some branch holds both, the other one before it."""
        return new != old and any(one.id == old for one in self._up_to(service, new))

    async def contains(self, service: str, branch: str, *, commit: str, tree: str) -> bool:
        """See `bot.ports.History`."""
        self._reachable()
        return any(one.commit.id == commit or one.tree == tree for one in self._branches.get((service, branch), []))

    def invocation(self, service: str, commit: str) -> Invocation:
        """See `bot.ports.Builds`; `ScriptedRunner` knows the program."""
        return Invocation(["build", service, self._tree(service, commit)])

    def _tree(self, service: str, commit: str) -> str:
        return next((one.tree for line in self._lines(service) for one in line if one.commit.id == commit), commit)

    def _up_to(self, service: str, commit: str) -> list[Commit]:
        for line in self._lines(service):
            ids = [one.commit.id for one in line]
            if commit in ids:
                return [one.commit for one in line[: ids.index(commit) + 1]]
        return []

    def _lines(self, service: str) -> list[list[Candidate]]:
        return [line for (of, _), line in self._branches.items() if of == service]

    def _reachable(self) -> None:
        if self.down:
            raise Retry(self.down)


class CheckedSource(ScriptedSource):
    """A source that also plays `bot.ports.Checks`: a test says of each commit what others have said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, list[Check]] = {}

    async def checks(self, service: str, commit: str) -> Sequence[Check]:  # noqa: ARG002 - one history for all
        """See `bot.ports.Checks`."""
        self._reachable()
        return self.said.get(commit, [])


def _on(branch: str, candidate: Candidate) -> Candidate:
    return Candidate(candidate.service, candidate.version, candidate.commit, candidate.tree, branch)
