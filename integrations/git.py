"""Releases out of a git repository: commits that touch a service's folder, named by tags, built from the commit.

Two commits with the same git tree for the folder hold the same source, and history is followed past merges to the
commit that made the change, so that a merge of develop to main offers the very commit that was good before.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.domain.errors import GaveUp, Refused
from bot.domain.release import Candidate, Commit
from bot.plugins import Source, SourceKind, Surroundings
from bot.ports import Invocation
from integrations._git import words
from integrations._git.builds import Build, Image, inner
from integrations._git.program import ask, failure, insist
from integrations._git.repository import Repository, Way, remote
from integrations._git.words import LOG_FORMAT, Logged

_MOST_BETWEEN = 200
_MOST_TREES = 1000
_REF_FORMAT = "--format=%(refname)%00%(objectname)%00%(*objectname)%00%(HEAD)"
_LOG = ("log", "-z", "--no-show-signature", "--decorate=full", "--decorate-refs=refs/tags/*", LOG_FORMAT)


class Config(BaseModel):
    """A service's `source`, with the service's `build` beside it. `path` is the service's folder in the repository."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["git"] = "git"
    repository: str = Field(min_length=1, description="the path or the URL of a git repository")
    path: str = Field(".", description="the service's folder in it")
    build: Build | Image | None = None

    @field_validator("repository")
    @classmethod
    def _no_option(cls, value: str) -> str:
        if value.startswith("-") or "::" in value:
            raise ValueError(f"“{value}” is neither the path nor the URL of a repository")
        return value

    @field_validator("path")
    @classmethod
    def _within(cls, value: str) -> str:
        return inner(value)


class Git:
    """Implements `bot.ports.Releases`, `History` and `Builds` for every service whose source is a git repository."""

    def __init__(
        self, services: Mapping[str, Config], surroundings: Surroundings, ways: Mapping[str, Way] | None = None
    ) -> None:
        """`ways` say how git is let in, by repository; without one it has only what people gave to git themselves."""
        data, clock = surroundings.data.absolute(), surroundings.clock
        names = {config.repository for config in services.values()}
        self._services = services
        self._store = data / "artefacts"
        self._repositories = {name: Repository(name, data, clock, (ways or {}).get(name)) for name in names}

    async def latest(self, service: str, branch: str) -> Candidate | None:
        """See `bot.ports.Releases`."""
        if not words.possible_ref(branch):
            return None
        return await self._candidate(service, f"refs/heads/{branch}", branch)

    async def find(self, service: str, word: str) -> Candidate | None:
        """See `bot.ports.Releases`; `Refused` when the word begins more than one commit."""
        folder = await self._repository(service).ready()
        refs = words.refs(await insist(folder, "for-each-ref", _REF_FORMAT, "refs/heads", "refs/tags"))
        known = {ref.name: ref.commit for ref in refs}
        for tag in words.tags_for(service, word):
            if f"refs/tags/{tag}" in known:
                version = words.version_of(service, [tag])
                return await self._candidate(service, known[f"refs/tags/{tag}"], version=version)
        if f"refs/heads/{word}" in known:
            return await self._candidate(service, known[f"refs/heads/{word}"], word)
        commit = await self._beginning(folder, word) or known.get(f"refs/tags/{word}")
        return await self._candidate(service, commit) if commit else None

    async def between(self, service: str, old: str | None, new: str) -> Sequence[Commit]:
        """See `bot.ports.History`; `GaveUp` when the repository no longer holds one of the two."""
        folder = await self._repository(service).ready()
        span = [_checked(new), *([f"^{_checked(old)}"] if old else [])]
        limit = f"--max-count={_MOST_BETWEEN}"
        printed = await insist(folder, *_LOG, limit, "--end-of-options", *span, "--", self._path(service))
        return [entry.commit for entry in words.logged(printed)]

    async def order(self, service: str, commits: Sequence[str]) -> Sequence[str]:
        """See `bot.ports.History`; what lies before all of the commits is not walked through."""
        folder = await self._repository(service).ready()
        known = await self._known(folder, [_checked(commit) for commit in commits])
        if not known:
            return []
        common = (await ask(folder, "merge-base", "--octopus", "--end-of-options", *known)).out.split()
        span = [*known, *(f"^{commit}" for commit in common)]
        walked = (await insist(folder, "rev-list", "--date-order", "--end-of-options", *span)).split()
        above = [commit for commit in walked if commit in known]
        return [*above, *(commit for commit in known if commit not in above)]

    async def contains(self, service: str, branch: str, *, commit: str, tree: str) -> bool:
        """See `bot.ports.History`."""
        if not words.possible_ref(branch):
            return False
        folder = await self._repository(service).ready()
        reference = f"refs/heads/{branch}"
        ancestor = await ask(folder, "merge-base", "--is-ancestor", "--end-of-options", _checked(commit), reference)
        return ancestor.code == 0 or tree in await self._trees(folder, service, reference)

    def invocation(self, service: str, commit: str) -> Invocation:
        """See `bot.ports.Builds`; `GaveUp` when the catalog does not say how the service is built."""
        config = self._config(service)
        if config.build is None:
            raise GaveUp(f"the catalog does not say how {service} is built: give the service a build section")
        where = ["--repository", str(self._repository(service).folder), "--commit", _checked(commit)]
        program = str(Path(__file__).with_name("_build.py"))
        what = config.build.words(self._store)
        argv = [sys.executable, "-I", program, *where, "--path", config.path, *what]
        return Invocation(argv, config.build.environment(), timeout=config.build.timeout)

    async def _candidate(
        self, service: str, reference: str, branch: str = "", version: str | None = None
    ) -> Candidate | None:
        """Return the newest commit that touched the service, at or before a reference that git knows."""
        folder = await self._repository(service).ready()
        answer = await ask(folder, *_LOG, "-1", "--end-of-options", reference, "--", self._path(service))
        if answer.missing:
            return None
        if answer.code != 0:
            raise failure(answer)
        entries = words.logged(answer.out)
        return await self._described(folder, service, entries[0], branch, version) if entries else None

    async def _described(
        self, folder: Path, service: str, entry: Logged, branch: str, version: str | None
    ) -> Candidate | None:
        commit = entry.commit
        asked = self._tree(folder, service, commit.id), self._branch(folder, commit.id, branch)
        tree, holder = await asyncio.gather(*asked)
        if tree is None or holder is None:
            return None
        version = version or words.version_of(service, entry.tags) or commit.short
        return Candidate(service, version, commit, tree, holder)

    async def _tree(self, folder: Path, service: str, commit: str) -> str | None:
        """Return the tree of the service's folder at a commit, or None when the folder is not there."""
        answer = await ask(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", self._at(service, commit))
        return answer.out.strip() if answer.code == 0 else None

    async def _branch(self, folder: Path, commit: str, known: str) -> str | None:
        """Return a branch that holds the commit, the checked-out one first; "" for a tag's, None when nothing does."""
        if known:
            return known
        kinds = ("refs/heads", "refs/tags")
        holders = words.refs(await insist(folder, "for-each-ref", f"--contains={commit}", _REF_FORMAT, *kinds))
        branches = sorted((not ref.head, ref.name) for ref in holders if ref.name.startswith("refs/heads/"))
        if branches:
            return branches[0][1].removeprefix("refs/heads/")
        return "" if holders else None

    async def _beginning(self, folder: Path, word: str) -> str | None:
        """Return the one commit whose id begins so."""
        if not words.possible_id(word):
            return None
        objects = await insist(folder, "rev-parse", f"--disambiguate={word.lower()}")
        commits = await self._known(folder, objects.split())
        if len(commits) > 1:
            both = ", ".join(commit[:12] for commit in commits[:2])
            raise Refused(f"“{word}” begins more than one commit: {both}. Write more of it.")
        return commits[0] if commits else None

    async def _known(self, folder: Path, objects: Sequence[str]) -> list[str]:
        """Return those of some objects that are commits here."""
        asked = "".join(f"{one}\n" for one in objects)
        kinds = await insist(folder, "cat-file", "--batch-check=%(objectname) %(objecttype)", feed=asked)
        return [line.split()[0] for line in kinds.splitlines() if line.endswith(" commit")]

    async def _trees(self, folder: Path, service: str, reference: str) -> set[str]:
        """Return the trees that the service's folder had in the newest commits of a branch."""
        limit = (f"--max-count={_MOST_TREES}", "--full-history")
        listed = await ask(folder, "rev-list", *limit, "--end-of-options", reference, "--", self._path(service))
        if listed.missing:
            return set()
        if listed.code != 0:
            raise failure(listed)
        asked = "".join(f"{self._at(service, commit)}\n" for commit in listed.out.split())
        trees = await insist(folder, "cat-file", "--batch-check=%(objectname) %(objecttype)", feed=asked)
        return {line.split()[0] for line in trees.splitlines() if line.endswith(" tree")}

    def _at(self, service: str, commit: str) -> str:
        path = self._path(service)
        return f"{commit}:{'' if path == '.' else path}"

    def _path(self, service: str) -> str:
        return self._config(service).path

    def _repository(self, service: str) -> Repository:
        return self._repositories[self._config(service).repository]

    def _config(self, service: str) -> Config:
        if service not in self._services:
            raise GaveUp(f"no service called {service} has its source in git")
        return self._services[service]


def _checked(commit: str) -> str:
    if not words.possible_id(commit):
        raise GaveUp(f"“{commit}” is not a commit id")
    return commit


def _open(surroundings: Surroundings, configs: dict[str, BaseModel]) -> Source:
    services = {name: Config.model_validate(config.model_dump()) for name, config in configs.items()}
    # A repository that the catalog names relatively would mean another one from another folder.
    for name, config in services.items():
        if not remote(config.repository) and not Path(config.repository).expanduser().is_absolute():
            services[name] = config.model_copy(update={"repository": str(Path(config.repository).absolute())})
    return Git(services, surroundings)


SOURCE = SourceKind("git", Config, _open)
