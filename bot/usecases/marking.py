"""What an operation that went well says of releases: which one is live, which is faulty, which no longer is."""

from bot.domain.change import Change
from bot.domain.operation import Kind, Operation, State
from bot.ledger import succession, targets
from bot.ledger.ledger import Tx


async def settled(tx: Tx, op: Operation, change: Change) -> None:
    """Mark what follows when a person has said how an unknown operation ended: they have seen what is live."""
    if not op.kind.brings:
        return
    now_live = {State.SUCCEEDED: op.to_release, State.ROLLED_BACK: op.from_release}.get(op.state)
    if now_live is not None:
        await succession.went_live(tx, op, now_live, key="", by=op.settled_by or change.asked_by)
    await mark(tx, op, change)


async def mark(tx: Tx, op: Operation, change: Change) -> None:
    """Hold what was gone back from, and let go what was named and went well; a failure marks nothing."""
    if op.state is State.ROLLED_BACK:
        await targets.hold(tx, op.target, op.to_release, change_id=change.id, by="engine", reason=op.reason)
    if op.state is not State.SUCCEEDED:
        return
    hold = change.plan.operations[op.position].held
    if hold is not None:
        await targets.lift(tx, hold, by=change.asked_by)
    if op.kind is Kind.ROLLBACK and change.trigger and op.from_release and op.from_release != op.to_release:
        reason = f"{change.trigger}: {change.reason}"
        await targets.hold(tx, op.target, op.from_release, change_id=change.id, by=change.asked_by, reason=reason)
