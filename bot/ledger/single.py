"""Sentences that are one statement: committed by themselves, in one round trip to the database instead of four.

It is for what somebody waits for: no BEGIN, no COMMIT, and no SQLAlchemy, whose share would be larger than the
statement's own. So it ends in time, too, when the database is away: with `Retry` where nothing was sent off, and with
`Unclear` where something was and no answer came, for it may have been done.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import LiteralString

from psycopg import AsyncConnection, OperationalError
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from bot.domain.errors import Retry
from bot.ledger.queue import CONNECT_WITHIN, conninfo
from bot.ledger.statement import Row, Statement
from bot.ports import Unclear

PATIENCE = 2.5  # seconds for all of it; Slack waits for three
CONNECTING = 0.8  # the part of it in which a connection must be had, or nothing is sent off
UNREACHED, UNHEARD = "the ledger cannot be reached", "the ledger did not answer in time"

Query = LiteralString | bytes
Rows = Sequence[Row]


class Single:
    """A few connections that commit each statement at once; they are opened when the first is needed."""

    def __init__(self, url: str, *, connections: int = 16, patience: float = PATIENCE) -> None:
        self.patience = patience
        self._pool = AsyncConnectionPool(
            conninfo(url),
            min_size=1,
            max_size=connections,
            timeout=patience * CONNECTING,
            open=False,
            kwargs={"autocommit": True, "connect_timeout": int(CONNECT_WITHIN), "row_factory": dict_row},
            configure=_planned_once,
        )
        self._saying: set[asyncio.Task[Rows]] = set()

    async def say(self, statement: Query, values: Mapping[str, object]) -> Rows:
        """Commit a statement (placeholders ``%(name)s``) and return its rows.

        It must mean the same said twice: when its connection turns out to be broken, it is said once more on another.
        """
        saying = asyncio.create_task(self._said_twice(statement, values))
        self._saying.add(saying)
        saying.add_done_callback(self._ended)
        done, _ = await asyncio.wait({saying}, timeout=self.patience)
        if not done:
            saying.cancel()  # it may take long to end where nobody answers; nobody waits for that
            raise Unclear(UNHEARD)
        return saying.result()

    def _ended(self, saying: asyncio.Task[Rows]) -> None:
        self._saying.discard(saying)
        if not saying.cancelled():
            saying.exception()  # whoever waited for it has heard of it, or has gone away

    async def _said_twice(self, statement: Query, values: Mapping[str, object]) -> Rows:
        if self._pool.closed:
            await self._pool.open()
        try:
            return await self._said(statement, values)
        except PoolTimeout as error:
            raise Retry(UNREACHED) from error
        except OperationalError as error:
            refused = error.sqlstate is not None
        try:
            await self._pool.check()
            return await self._said(statement, values)
        except OperationalError as error:
            if refused and error.sqlstate is not None:
                raise Retry(f"the ledger refuses it: {error}") from error
            raise Unclear(UNHEARD) from error  # the first may have been done, and only its answer lost

    async def _said(self, statement: Query, values: Mapping[str, object]) -> Rows:
        connection: AsyncConnection[DictRow]
        async with self._pool.connection() as connection:
            cursor = await connection.execute(statement, values)
            return await cursor.fetchall() if cursor.description else []

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()


class Reading:
    """Implements `bot.ledger.statement.Reads`: each statement sees what is committed as it is said.

    Nothing is changed by it, so what got no answer is `Retry` too.
    """

    def __init__(self, single: Single) -> None:
        self._single = single

    async def rows(self, statement: Statement, **values: object) -> Rows:
        """See `Reads`."""
        try:
            return await self._single.say(*statement.said(values))
        except Unclear as error:
            raise Retry(str(error)) from error

    async def row(self, statement: Statement, **values: object) -> Row | None:
        """See `Reads`."""
        found = await self.rows(statement, **values)
        return found[0] if found else None


async def _planned_once(connection: AsyncConnection[DictRow]) -> None:
    """Have each statement planned once for all values: to plan it anew takes longer than to do it."""
    await connection.execute("SET plan_cache_mode = force_generic_plan")
