"""Sentences that are one statement: committed by themselves, in one round trip to the database instead of four.

It is for what stands between a person and Slack's ack, and for nothing else: no BEGIN, no COMMIT, and no SQLAlchemy,
whose share would be larger than the statement's own.
"""

from collections.abc import Mapping, Sequence
from typing import LiteralString

from psycopg import AsyncConnection, OperationalError
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from bot.ledger.queue import conninfo

PATIENCE = 2.0  # seconds to wait for a connection; Slack waits for three


class Single:
    """A few connections that commit each statement at once; they are opened when the first is needed."""

    def __init__(self, url: str, *, connections: int = 16) -> None:
        self._pool = AsyncConnectionPool(
            conninfo(url),
            min_size=1,
            max_size=connections,
            timeout=PATIENCE,
            open=False,
            kwargs={"autocommit": True},
            configure=_planned_once,
        )

    async def say(self, statement: LiteralString, values: Mapping[str, object]) -> Sequence[TupleRow]:
        """Commit a statement (placeholders ``%(name)s``) and return its rows.

        It must mean the same said twice: when its connection turns out to be broken, it is said once more on another.
        """
        if self._pool.closed:
            await self._pool.open()
        try:
            return await self._said(statement, values)
        except PoolTimeout:
            raise
        except OperationalError:
            await self._pool.check()
            return await self._said(statement, values)

    async def _said(self, statement: LiteralString, values: Mapping[str, object]) -> Sequence[TupleRow]:
        connection: AsyncConnection[TupleRow]
        async with self._pool.connection() as connection:
            return await (await connection.execute(statement, values)).fetchall()

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()


async def _planned_once(connection: AsyncConnection[TupleRow]) -> None:
    """Have each statement planned once for all values: to plan it anew takes longer than to do it."""
    await connection.execute("SET plan_cache_mode = force_generic_plan")
