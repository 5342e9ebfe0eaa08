"""What follows what on a target: to which operation that which is live is owed, and whose cards say so.

A release that goes live overtakes another change's, or brings it back. That change's live card is painted once more
then; cards of changes before it were painted when they were overtaken themselves.
"""

from bot.domain.operation import Kind, Operation, State
from bot.domain.target import Target
from bot.ledger import cards, operations, targets
from bot.ledger.ledger import Tx


async def owner(tx: Tx, target: Target) -> Operation | None:
    """Return the operation that what is live on a target is owed to: the one that brought it there last.

    Where that one went back, it is the one that had brought what it went back to.
    """
    known = await targets.live(tx, target)
    op = await operations.get(tx, known.operation_id) if known and known.operation_id else None
    if known is None or op is None or known.release_id is None or op.to_release == known.release_id:
        return op
    return await operations.brought(tx, target, known.release_id, before=op.id)


async def coming(tx: Tx, target: Target) -> Operation | None:
    """Return the deploy that is bringing something to a target which does not serve there yet, or None."""
    op, known = await operations.holder(tx, target), await targets.live(tx, target)
    if op is None or op.kind is not Kind.DEPLOY or op.state not in {State.RUNNING, State.VERIFYING}:
        return None
    return op if known is None or known.operation_id != op.id else None


async def went_live(tx: Tx, op: Operation, release_id: int, *, key: str, by: str) -> None:
    """Note that a release was seen to serve on the operation's target, and have those who were there before see it."""
    before = await owner(tx, op.target)
    await targets.went_live(tx, op, release_id, key=key, by=by)
    after = await owner(tx, op.target)
    for other in (before, after):
        if other is not None and other.change_id != op.change_id:
            tx.enqueue(cards.touched(other.change_id))
