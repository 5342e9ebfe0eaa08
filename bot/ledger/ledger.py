"""The way in: one `Ledger` per process, one `Tx` per sentence.

A `Tx` gathers the events and the jobs of its sentence and writes them just before the commit, in one statement each:
a ledger row and the job that follows from it commit together or not at all.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from psycopg import AsyncConnection as PsycopgConnection
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.domain.canonical import canonical, sha256
from bot.ledger import schema
from bot.ledger.queue import Job, Queue
from bot.ledger.single import Single
from bot.ports import Clock


class Stale(Exception):  # noqa: N818 - it is a fact about the reader, not an error
    """Somebody else wrote this row since it was read: stop quietly, they are ahead."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened: who did it, to what, what it was, and with which particulars (canonical JSON)."""

    at: datetime
    actor: str
    subject: str
    kind: str
    payload: str

    @property
    def content_hash(self) -> str:
        """SHA-256 over everything the fact says."""
        return sha256(canonical([self.at, self.actor, self.subject, self.kind, self.payload]))


@dataclass(slots=True)
class Tx:
    """One transaction: `connection` for the modules of this package, `record` and `enqueue` for everybody."""

    connection: AsyncConnection
    now: datetime
    queue: Queue
    _facts: list[Fact] = field(default_factory=list)
    _jobs: list[Job] = field(default_factory=list)

    def record(self, kind: str, *, actor: str, subject: str, **payload: object) -> None:
        """Note what happened; it is written with the commit, and can never be changed after."""
        self._facts.append(Fact(self.now, actor, subject, kind, canonical(payload)))

    def enqueue(self, job: Job) -> None:
        """Have a job done after the commit, and only if it commits."""
        if job not in self._jobs:
            self._jobs.append(job)

    async def take_up(self, jobs: Sequence[Job]) -> None:
        """Have jobs done after the commit that were left lying; one that waits, or is being done, is not doubled."""
        for job in await self.queue.missing(jobs, await self._driver()):
            self.enqueue(job)

    async def flush(self) -> None:
        """Write what was gathered."""
        if self._facts:
            await self.connection.execute(insert(schema.events), [_row(fact) for fact in self._facts])
        if self._jobs:
            await self.queue.defer(self._jobs, await self._driver())

    async def _driver(self) -> PsycopgConnection:
        raw = await self.connection.get_raw_connection()
        driver = raw.driver_connection
        assert isinstance(driver, PsycopgConnection)  # noqa: S101 - the queue needs psycopg's own connection
        return driver


def _row(fact: Fact) -> dict[str, object]:
    return {
        "at": fact.at,
        "actor": fact.actor,
        "subject": fact.subject,
        "kind": fact.kind,
        "payload": fact.payload,
        "content_hash": fact.content_hash,
    }


class Ledger:
    """The database, as transactions."""

    def __init__(self, url: str, *, clock: Clock, queue: Queue, connections: int = 10) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url, pool_size=connections, max_overflow=0, pool_timeout=30, pool_pre_ping=False
        )
        self.single = Single(url)
        self._clock = clock
        self._queue = queue

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Give a transaction that commits when the block ends, and leaves no trace when it raises."""
        async with self.engine.begin() as connection:
            tx = Tx(connection, self._clock.now(), self._queue)
            yield tx
            await tx.flush()

    async def close(self) -> None:
        """Close every connection."""
        await self.single.close()
        await self.engine.dispose()
