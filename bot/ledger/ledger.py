"""The way in: one `Ledger` per process, one `Tx` per sentence.

A `Tx` gathers the events and the jobs of its sentence and writes them just before the commit, in one statement each:
a ledger row and the job that follows from it commit together or not at all. What is written, and needs no answer but
that it was, is sent off with whatever is said next, in one round trip to the database (psycopg's pipeline mode).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from psycopg import AsyncConnection as PsycopgConnection
from psycopg import AsyncCursor
from psycopg import Error as PsycopgError
from psycopg.errors import UniqueViolation
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow
from sqlalchemy import ARRAY, CursorResult, Executable, bindparam, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.domain.canonical import canonical, sha256
from bot.ledger import schema
from bot.ledger.queue import Job, Queue, deferred
from bot.ledger.single import PATIENCE, Reading, Single
from bot.ledger.statement import Row, Said, Statement
from bot.ledger.together import Together
from bot.ports import Clock

AWAY = (SQLAlchemyError, PsycopgError, OSError)  # what a transaction raises when the database cannot do it now


class Stale(Exception):  # noqa: N818 - it is a fact about the reader, not an error
    """Somebody else wrote this row since it was read: stop quietly, they are ahead."""


class Taken(Stale):
    """Somebody else has what only one may have, and the database guarantees it (a unique index)."""


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


_FACT = ("at", "actor", "subject", "kind", "payload", "content_hash")
_RECORD = Statement(
    insert(schema.events).from_select(
        _FACT, select(*(func.unnest(bindparam(name, type_=ARRAY(schema.events.c[name].type))) for name in _FACT))
    )
)

Closing = Callable[["Tx"], Awaitable[None]]


@dataclass(slots=True)
class Tx:
    """One transaction: `connection` for the modules of this package, `record` and `enqueue` for everybody."""

    connection: AsyncConnection
    now: datetime
    queue: Queue
    _facts: list[Fact] = field(default_factory=list)
    _jobs: list[Job] = field(default_factory=list)
    _wanted: list[tuple[Job, object]] = field(default_factory=list)
    _born: list[tuple[int, Job, object]] = field(default_factory=list)
    _closing: dict[Hashable, Closing] = field(default_factory=dict)
    _unsaid: list[tuple[Said, bool]] = field(default_factory=list)  # and whether it must hit a row
    _ahead: list[tuple[Said, Sequence[Row]]] = field(default_factory=list)

    def record(self, kind: str, *, actor: str, subject: str, **payload: object) -> None:
        """Note what happened; it is written with the commit, and can never be changed after."""
        self._facts.append(Fact(self.now, actor, subject, kind, canonical(payload)))

    def enqueue(self, job: Job) -> None:
        """Have a job done after the commit, and only if it commits."""
        if job not in self._jobs:
            self._jobs.append(job)

    def take(self, job: Job, known: object = None) -> None:
        """Have a job done by this very process right after the commit, with what is known; else it is enqueued."""
        self._wanted.append((job, known))

    def at_the_end(self, key: Hashable, act: Closing, *, first: bool = False) -> None:
        """Do something just before the commit, once for each key; what was said of a key last is done.

        `first`: before the rest, because it locks rows that others lock before theirs.
        """
        if first:
            self._closing = {key: act} | {other: rest for other, rest in self._closing.items() if other != key}
        else:
            self._closing[key] = act

    def to_do_at_the_end(self, key: Hashable) -> Closing | None:
        """Return what is to be done under a key before the commit, if anything is."""
        return self._closing.get(key)

    def say(self, statement: Statement, **values: object) -> None:
        """Have a statement said before anything else is; nobody needs what it gives."""
        self._ahead.clear()
        self._unsaid.append(((statement, values), False))

    def write(self, statement: Statement, **values: object) -> None:
        """Have a statement said before anything else is. It must hit a row: else somebody was ahead, and it is `Stale`.

        Whether it did is known once the next is said, or at the commit.
        """
        self._ahead.clear()
        self._unsaid.append(((statement, values), True))

    async def read_ahead(self, *said: Said) -> None:
        """Say in one round trip what will be said next: whoever says it has the rows at once.

        What was read before something is written is read anew after it.
        """
        self._ahead = list(zip(said, await self.all(*said), strict=True))

    async def rows(self, statement: Statement, **values: object) -> Sequence[Row]:
        """Say a statement with these values, and return the rows it gives."""
        for said, rows in self._ahead:
            if said == (statement, values):
                return rows
        return (await self.all((statement, values)))[0]

    async def row(self, statement: Statement, **values: object) -> Row | None:
        """Say a statement with these values, and return the first row, or None."""
        found = await self.rows(statement, **values)
        return found[0] if found else None

    async def all(self, *said: Said) -> list[Sequence[Row]]:
        """Say statements one after the other in one round trip, and return the rows of each."""
        first, self._unsaid = self._unsaid, []
        if not first and not said:
            return []
        driver = await self._driver()
        alone = len(first) + len(said) == 1 and driver.info.transaction_status is TransactionStatus.INTRANS
        try:
            async with nullcontext() if alone else driver.pipeline():  # it saves no trip to one statement but BEGIN
                written = [(await statement.say(driver, values), must) for (statement, values), must in first]
                asked = [await statement.say(driver, values) for statement, values in said]
        except UniqueViolation as error:
            raise Taken from error
        if any(must and cursor.rowcount == 0 for cursor, must in written):
            raise Stale
        return [await _fetched(cursor) for cursor in asked]

    async def execute(
        self, query: Executable, values: Row | Sequence[Row] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """Say a query by SQLAlchemy: for what is said seldom."""
        self._ahead.clear()
        await self.all()
        return await self.connection.execute(query, values)

    async def take_up(self, jobs: Sequence[Job]) -> None:
        """Have jobs done after the commit that were left lying; one that waits, or is being done, is not doubled."""
        for job in await self.queue.missing(jobs, await self._driver()):
            self.enqueue(job)

    async def flush(self) -> None:
        """Write what was gathered, with whatever has not been said yet, in one round trip."""
        for act in self._closing.values():
            await act(self)
        if self._facts:
            facts = [[getattr(fact, name) for fact in self._facts] for name in _FACT]
            self.write(_RECORD, **dict(zip(_FACT, facts, strict=True)))
        taking = [(job, known, said) for job, known in self._wanted if (said := self.queue.taking(job))]
        for job, _ in self._wanted[len(taking) :]:  # this process does all of them, or none
            self.enqueue(job)
        if self._jobs:
            statement, values = deferred(self._jobs)
            self.say(statement, **values)
        given = await self.all(*(said for _, _, said in taking))
        for (job, known, _), rows in zip(taking, given, strict=True):
            if rows[0]["id"] is not None:
                self._born.append((int(rows[0]["id"]), job, known))

    def over(self, *, committed: bool) -> None:
        """Hand over what this process does itself; without a word of the commit, say that it may have been written."""
        for job_id, job, known in self._born:
            assert self.queue.hands is not None  # noqa: S101 - it took the job
            if committed:
                self.queue.hands.do(job_id, job, known)
            else:
                self.queue.hands.doubt(job_id)

    async def _driver(self) -> PsycopgConnection:
        raw = await self.connection.get_raw_connection()
        driver = raw.driver_connection
        assert isinstance(driver, PsycopgConnection)  # noqa: S101 - the queue needs psycopg's own connection
        return driver


async def _fetched(cursor: AsyncCursor[DictRow]) -> Sequence[Row]:
    return await cursor.fetchall() if cursor.description else []


class Ledger:
    """The database, as transactions; what is only read, and at once, is read by `reading`."""

    def __init__(
        self, url: str, *, clock: Clock, queue: Queue, connections: int = 10, patience: float = PATIENCE
    ) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=30,
            pool_use_lifo=True,  # the connection that was used last knows most statements already
            connect_args={"prepare_threshold": 1},
        )
        self.single = Single(url, patience=patience)
        self.reading = Reading(self.single)
        self._clock = clock
        self._queue = queue
        self._together: dict[LiteralString, Together] = {}

    @property
    def works(self) -> bool:
        """Whether this process does jobs itself, so that what it takes is done right after the commit."""
        return self._queue.works

    def together(self, statement: LiteralString) -> Together:
        """Return where a statement is said that others may be saying at the same moment."""
        return self._together.setdefault(statement, Together(self.single, statement))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Give a transaction that commits when the block ends, and leaves no trace when it raises."""
        async with self.engine.connect() as connection:
            tx, committed = Tx(connection, self._clock.now(), self._queue), False
            try:
                async with connection.begin():
                    yield tx
                    await tx.flush()
                committed = True
            finally:
                tx.over(committed=committed)  # before the connection is given back: what was taken waits for nothing

    async def close(self) -> None:
        """Close every connection."""
        await self.single.close()
        await self.engine.dispose()
