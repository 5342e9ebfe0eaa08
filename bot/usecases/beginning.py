"""Beginning a change in the very transaction that approves it: who has pressed the last Approve waits for no queue.

Its gates are asked before, and only when they all open at once; otherwise, and where something is in the way of its
first operation, it is approved alone and begins by the queue.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from bot.domain.change import Began, Change
from bot.domain.operation import Operation
from bot.domain.release import Release
from bot.domain.step import Step
from bot.ledger import changes, claims, operations, steps
from bot.ledger.ledger import Tx
from bot.ledger.statement import Said
from bot.usecases import gates, picture
from bot.world import World

First = tuple[Operation, list[Step]]  # what begins first

AT_ONCE = timedelta(milliseconds=300)  # so long may the gates take before a vote is written down without them


async def opens(world: World, change: Change, *, within: timedelta) -> bool:
    """Whether every gate of a change opens at once, or at least within a time."""
    try:
        async with asyncio.timeout(within.total_seconds()):
            return await gates.closed(world, change.plan) is None
    except TimeoutError:
        return False


def asking(change_id: int) -> list[Said]:
    """Return what `first_of` asks the ledger, to be read ahead."""
    return [operations.asking_of_change(change_id), steps.asking_of_change(change_id)]


async def first_of(tx: Tx, change_id: int) -> First:
    """Return a change's first operation with its steps."""
    first = (await operations.of_change(tx, change_id))[0]
    return first, [one for one in await steps.of_change(tx, change_id) if one.operation_id == first.id]


def begin(tx: Tx, change: Change, first: First, known: Mapping[int, Release]) -> Change:
    """Start an approved change whose gates open; its first operation takes its target and notes its first intent.

    The releases of its plan are `known`, by number. The transaction ends with `Stale` when the target is not free, or
    not as it was.
    """
    change = changes.happen(tx, change, Began(), actor="engine")
    op, plan = first
    seen = picture.opened(tx, change, claims.claim(tx, op), plan, known)
    tx.take(operations.advance(op), seen)
    return change
