"""Beginning a change in the very transaction that approves it: who has pressed the last Approve waits for no queue.

Its gates are asked before, and only when they all open at once; otherwise, and where something is in the way of its
first operation, it is approved alone and begins by the queue.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from bot.domain.change import Began, Change
from bot.domain.release import Release
from bot.ledger import changes, claims, operations
from bot.ledger.ledger import Tx
from bot.usecases import gates, picture
from bot.world import World

AT_ONCE = timedelta(milliseconds=300)  # so long may the gates take before a vote is written down without them


async def opens(world: World, change: Change, *, within: timedelta) -> bool:
    """Whether every gate of a change opens at once, or at least within a time."""
    try:
        async with asyncio.timeout(within.total_seconds()):
            return await gates.closed(world, change.plan) is None
    except TimeoutError:
        return False


async def begin(tx: Tx, change: Change, known: Mapping[int, Release]) -> Change:
    """Start an approved change whose gates open; its first operation takes its target and notes its first intent.

    The releases of its plan are `known`, by number. Raises `bot.ledger.claims.Taken`, after which the transaction is
    void, when the target is not free, or not as it was.
    """
    change = changes.happen(tx, change, Began(), actor="engine")
    first = (await operations.of_change(tx, change.id))[0]
    seen = await picture.opened(tx, change, await claims.claim(tx, first), known)
    tx.take(operations.advance(first), seen)
    return change
