"""What is open is found by partial indexes, whatever plan PostgreSQL keeps: so its states stand in the statement."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import event

from bot.domain.target import Target
from bot.ledger import changes, operations, releases
from bot.ledger.ledger import Tx
from tests.fakes.healthbridge import HealthBridge

HERE = Target("backend", "staging")
QUERIES: dict[str, Callable[[Tx], Awaitable[object]]] = {
    "holder": lambda tx: operations.holder(tx, HERE),
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


@pytest.mark.parametrize("name", QUERIES)
async def test_the_states_a_query_is_about_are_no_parameters(house: HealthBridge, name: str) -> None:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(" ".join(statement.split()))

    event.listen(house.world.ledger.engine.sync_engine, "before_cursor_execute", note)
    async with house.world.ledger.transaction() as tx:
        await QUERIES[name](tx)

    assert said
    assert all("state IN ('" in one for one in said)
    assert not any("%(state" in one for one in said)
