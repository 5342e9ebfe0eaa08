"""Where the history lies: a local repository is read in place, a remote one through a mirror that is fetched.

A mirror holds branches and tags only. It is fetched before it is read, at most once in a few seconds, so that the
verbs of one command share one fetch.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.errors import GaveUp
from bot.ports import Clock
from integrations._git.program import insist, masked

_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://|[^/\s]+@[^/\s]+:")
_FRESH = timedelta(seconds=5)
_FETCH_PATIENCE = 120.0


def remote(repository: str) -> bool:
    """Whether this names a repository elsewhere."""
    return _REMOTE.match(repository) is not None


@dataclass(frozen=True, slots=True)
class Way:
    """How git is let in where a mirror is fetched from: variables for its environment, and their secret's name."""

    variables: Callable[[], Awaitable[Mapping[str, str]]]
    secret: str


class Repository:
    """A repository by path or URL. `ready` returns the folder that git can be asked in, as new as it should be."""

    def __init__(self, name: str, data: Path, clock: Clock, way: Way | None = None) -> None:
        self._name = name
        self._clock = clock
        self._way = way
        self._fetched_at: datetime | None = None
        self._one_at_a_time = asyncio.Lock()
        self.remote = remote(name)
        hashed = hashlib.sha256(name.encode()).hexdigest()[:24]
        self.folder = data / "mirrors" / f"{hashed}.git" if self.remote else Path(name).expanduser()

    async def ready(self) -> Path:
        """Return the folder; `GaveUp` when there is no such repository, `Retry` when it cannot be reached now."""
        if self.remote:
            async with self._one_at_a_time:
                await self._fetch()
        elif not await asyncio.to_thread(self.folder.is_dir):
            raise GaveUp(f"there is no repository at {self._name}")
        return self.folder

    async def _fetch(self) -> None:
        now = self._clock.now()
        if self._fetched_at is not None and now - self._fetched_at < _FRESH:
            return
        if not (self.folder / "HEAD").is_file():
            await asyncio.to_thread(self.folder.mkdir, parents=True, exist_ok=True)
            await insist(self.folder, "init", "--quiet", "--bare", ".")
        refs = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        options = ("--quiet", "--prune", "--no-write-fetch-head", "--no-auto-maintenance")
        fetch = ("fetch", *options, "--", self._name, *refs)
        variables = await self._way.variables() if self._way else {}
        try:
            await insist(self.folder, *fetch, patience=_FETCH_PATIENCE, variables=variables)
        except GaveUp as no:
            raise GaveUp(
                f"{no.reason} (git was let in by the secret {self._way.secret})" if self._way else no.reason
            ) from no
        self._fetched_at = now

    def __str__(self) -> str:
        return masked(self._name)
