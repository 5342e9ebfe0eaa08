"""What many say at one moment is said in one statement: one round trip and one commit for all who wait.

While a statement is on its way, those who come gather, and go together in the next. Who comes alone goes at once, so
nobody waits for company. When a common statement fails, each is said by itself: one's fault is not another's. Only when
the database is away it is so for all; and nobody waits longer than for a statement, however many were before them.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import LiteralString

from bot.domain.errors import Retry
from bot.ledger.single import UNHEARD, UNREACHED, Single
from bot.ports import Unclear

MOST = 100  # rows in one statement

Row = Mapping[str, object]


class Together:
    """Says a statement for many rows; its placeholders ``%(name)s`` are arrays, one value for each row."""

    def __init__(self, single: Single, statement: LiteralString) -> None:
        self._single, self._statement = single, statement
        self._waiting: list[tuple[Row, asyncio.Future[None]]] = []
        self._speaking: asyncio.Task[None] | None = None

    async def say(self, row: Row) -> None:
        """Return when the statement has been committed for this row, or raise what was wrong with it.

        `Retry` says that it certainly was not, `Unclear` that it cannot be told.
        """
        said: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        mine = (row, said)
        self._waiting.append(mine)
        if self._speaking is None or self._speaking.done():
            self._speaking = asyncio.create_task(self._speak())
        await asyncio.wait({said}, timeout=self._single.patience)
        if said.done():
            return said.result()
        said.cancel()
        if mine not in self._waiting:
            raise Unclear(UNHEARD)
        self._waiting.remove(mine)
        raise Retry(UNREACHED)

    async def _speak(self) -> None:
        while self._waiting:
            now, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            failure = await self._failure([row for row, _ in now])
            alike = len(now) == 1 or failure is None or isinstance(failure, Retry | Unclear)
            for row, said in now:
                _settle(said, failure if alike else await self._failure([row]))

    async def _failure(self, rows: Sequence[Row]) -> BaseException | None:
        values = {name: [row[name] for row in rows] for name in rows[0]}
        (outcome,) = await asyncio.gather(self._single.say(self._statement, values), return_exceptions=True)
        return outcome if isinstance(outcome, BaseException) else None


def _settle(said: asyncio.Future[None], failure: BaseException | None) -> None:
    if said.done():  # who waited has gone away
        return
    if failure is None:
        said.set_result(None)
    else:
        said.set_exception(failure)
