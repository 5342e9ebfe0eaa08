"""A fuse: the bot is killed at the n-th place where it touches the ledger or the world outside.

`Killed` is what `kill -9` looks like from within: nobody catches it, nothing more is done. Before a commit the
transaction is lost; after it, what was about to follow is. Around a call outside, it has not been made, or it has and
nobody heard the answer.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from bot.domain.observation import LogChunk, Observed, Run
from bot.domain.target import Target
from bot.ledger.ledger import Ledger, Tx
from bot.plugins import OpenPager
from bot.ports import Backend, Desired, Follows, Invocation, LoggedRunner, Page, Pager, RunsThere, Section, Stops

Answer = TypeVar("Answer")


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Fuse:
    """Burns at the `at`-th place that is passed (counted from 1); at 0 never."""

    at: int = 0
    passed: int = 0

    def burn(self) -> None:
        """Pass a place."""
        self.passed += 1
        if self.passed == self.at:
            raise Killed

    async def around(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """Make a call outside, with a place before it and one after."""
        self.burn()
        answer = await call()
        self.burn()
        return answer


class FusedLedger(Ledger):
    """The real ledger, on the connections of another, with a place before and after every commit."""

    def __init__(self, ledger: Ledger, fuse: Fuse) -> None:
        self.engine, self._clock, self._queue = ledger.engine, ledger._clock, ledger._queue
        self.reading = ledger.reading
        self._fuse = fuse

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """See `Ledger`."""
        async with super().transaction() as tx:
            yield tx
            self._fuse.burn()
        self._fuse.burn()


@dataclass
class FusedBackend:
    """A backend behind a fuse."""

    backend: Backend
    fuse: Fuse

    async def apply(self, target: Target, desired: Desired, *, key: str) -> None:
        """See `bot.ports.Backend`."""
        await self.fuse.around(lambda: self.backend.apply(target, desired, key=key))

    async def observe(self, target: Target, *, key: str, config: Section) -> Observed:
        """See `bot.ports.Backend`."""
        return await self.fuse.around(lambda: self.backend.observe(target, key=key, config=config))


@dataclass
class FusedThere(FusedBackend):
    """A backend behind a fuse that also runs programs where its targets run."""

    there: RunsThere

    def runner(self, target: Target, desired: Desired) -> LoggedRunner:
        """See `bot.ports.RunsThere`."""
        return FusedRunner(self.there.runner(target, desired), self.fuse)


@dataclass
class FusedStops(FusedBackend):
    """A backend behind a fuse that also ends what it is at."""

    stops: Stops

    async def stop(self, target: Target, *, key: str, config: Section) -> None:
        """See `bot.ports.Stops`."""
        await self.fuse.around(lambda: self.stops.stop(target, key=key, config=config))


def fused(backend: Backend, fuse: Fuse) -> FusedBackend:
    """Put a backend behind a fuse, with the roles it plays besides."""
    if isinstance(backend, Stops):
        return FusedStops(backend, fuse, backend)
    return FusedThere(backend, fuse, backend) if isinstance(backend, RunsThere) else FusedBackend(backend, fuse)


@dataclass
class FusedRunner:
    """A runner behind a fuse."""

    runner: LoggedRunner
    fuse: Fuse

    async def start(self, invocation: Invocation, *, key: str) -> None:
        """See `bot.ports.Runner`."""
        await self.fuse.around(lambda: self.runner.start(invocation, key=key))

    async def observe(self, *, key: str) -> Run:
        """See `bot.ports.Runner`."""
        return await self.fuse.around(lambda: self.runner.observe(key=key))

    async def tail(self, *, key: str, offset: int = 0) -> LogChunk:
        """See `bot.ports.Logs`."""
        return await self.fuse.around(lambda: self.runner.tail(key=key, offset=offset))


@dataclass
class FusedPager:
    """A pager behind a fuse."""

    pager: Pager
    fuse: Fuse

    async def tell(self, page: Page) -> str:
        """See `bot.ports.Pager`."""
        return await self.fuse.around(lambda: self.pager.tell(page))


@dataclass
class FusedFollower(FusedPager):
    """A pager behind a fuse that can be told more of what it was told."""

    follows: Follows

    async def acknowledge(self, page: Page) -> str:
        """See `bot.ports.Follows`."""
        return await self.fuse.around(lambda: self.follows.acknowledge(page))

    async def resolve(self, page: Page) -> str:
        """See `bot.ports.Follows`."""
        return await self.fuse.around(lambda: self.follows.resolve(page))


def fused_pager(opened: OpenPager, fuse: Fuse) -> OpenPager:
    """Put a pager behind a fuse, with the roles it plays besides."""
    pager = opened.pager
    behind = FusedFollower(pager, fuse, pager) if isinstance(pager, Follows) else FusedPager(pager, fuse)
    return OpenPager(opened.kind, behind)
