"""What is open is found by partial indexes, whatever plan PostgreSQL keeps: so its states stand in the statement."""

from collections.abc import Awaitable, Callable, Sequence

import pytest
from sqlalchemy import event

from bot.domain.target import Target
from bot.ledger import changes, operations, releases, targets
from bot.ledger.ledger import Tx
from bot.ledger.statement import Reads, Row, Statement
from tests.fakes.healthbridge import HealthBridge

HERE = Target("backend", "staging")
QUERIES: dict[str, Callable[[Tx], Awaitable[object]]] = {
    "holders": operations.holders,
    "queued": lambda tx: operations.queued_on(tx, HERE),
    "brought": lambda tx: operations.brought(tx, HERE, 1, before=2),
    "queue": lambda tx: operations.queue_of(tx, HERE),
    "due": operations.due,
    "open": changes.open_in,
    "counts": changes.counts,
    "expired": lambda tx: changes.expired(tx, tx.now),
    "good": lambda tx: releases.good_on(tx, HERE.service, HERE.environment),
}
READS: dict[str, Callable[[Reads], Awaitable[object]]] = {
    "holder": lambda tx: operations.holder(tx, HERE),
    "stands": lambda tx: targets.stands(tx, HERE),
    "glance": lambda tx: targets.glance(tx, HERE),
}


class Overheard:
    """Implements `bot.ledger.statement.Reads`: it notes what is said, and finds nothing."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def rows(self, statement: Statement, **values: object) -> Sequence[Row]:
        """See `Reads`."""
        self.said.append(" ".join(statement.said(values)[0].decode().split()))
        return []

    async def row(self, statement: Statement, **values: object) -> Row | None:
        """See `Reads`."""
        await self.rows(statement, **values)
        return None


def check(said: Sequence[str]) -> None:
    assert said
    assert all("state IN ('" in one for one in said)
    assert not any("%(state" in one for one in said)


@pytest.mark.parametrize("name", READS)
async def test_the_states_that_a_compiled_statement_is_about_are_no_parameters(name: str) -> None:
    overheard = Overheard()

    await READS[name](overheard)

    check(overheard.said)


@pytest.mark.parametrize("name", QUERIES)
async def test_the_states_a_query_is_about_are_no_parameters(house: HealthBridge, name: str) -> None:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(" ".join(statement.split()))

    event.listen(house.world.ledger.engine.sync_engine, "before_cursor_execute", note)
    async with house.world.ledger.transaction() as tx:
        await QUERIES[name](tx)

    check(said)
