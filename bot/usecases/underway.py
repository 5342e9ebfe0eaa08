"""What is on its way to a target already, so that who asks for the same is told whose it is and how far it has come."""

from collections.abc import Sequence

from bot.domain.change import Change, held
from bot.domain.change import State as ChangeState
from bot.domain.duration import spoken
from bot.domain.operation import Kind, Operation, State
from bot.domain.step import AT_WORK
from bot.domain.target import Target
from bot.ledger import changes, locks, operations, releases, steps
from bot.ledger.ledger import Tx
from bot.usecases.picking import Pick
from bot.world import World

COMING = frozenset({ChangeState.APPROVED, ChangeState.RUNNING, ChangeState.UNKNOWN})


class Overtaken(Exception):  # noqa: N818 - it is a fact about the asker, not an error
    """Since somebody looked what is under way, another change has been written down that brings the same."""


async def instead(world: World, target: Target, pick: Pick | str) -> str | None:
    """Say what is on its way to a target, if what was picked for it would only repeat that, or undo a way back.

    `pick` is a release, or why there is none; then what is on its way says more of the target than what is live there.
    """
    async with world.ledger.transaction() as tx:
        found = await _coming(tx, target, pick)
        if found is None:
            return None
        op, change = found
        words = await _words(tx, op, change)
    names = await world.names([change.asked_by])
    return f"Change {change.id} by {names[change.asked_by]} {words}."


async def alone(tx: Tx, environment: str, picks: Sequence[Pick]) -> None:
    """Let nobody else's deploy of an environment be written down until the commit; `Overtaken` where one has just been.

    Two who ask at one moment would each see nothing under way, and have the same done twice.
    """
    await locks.environment(tx, environment)
    for pick in picks:
        if await _coming(tx, pick.target, pick):
            raise Overtaken


async def _coming(tx: Tx, target: Target, pick: Pick | str) -> tuple[Operation, Change] | None:
    holder = await operations.holder(tx, target)
    for op in [*([holder] if holder else []), *await operations.queued_on(tx, target)]:
        if _concerns(op, pick):
            change = await changes.get(tx, op.change_id)
            if change is not None and change.state in COMING:
                return op, change
    return None


def _concerns(op: Operation, pick: Pick | str) -> bool:
    """Whether an operation brings what was picked, or takes the target back from it; without a pick, what is at it."""
    if isinstance(pick, str):
        return op.state is not State.QUEUED
    left = op.from_release if op.kind is Kind.ROLLBACK else None
    return pick.release.id in {op.to_release, left}


async def _words(tx: Tx, op: Operation, change: Change) -> str:
    """Say what the change is doing to the target, and how far that is."""
    deed = await _deed(tx, op)
    match op.state:
        case State.QUEUED if held(change, [one.state for one in await operations.of_change(tx, change.id)]):
            return f"failed in part; {deed} waits until somebody goes on with it or stops it"
        case State.QUEUED:
            return f"is going to be {deed}, as soon as its turn comes"
        case State.UNKNOWN:
            return f"was {deed}, and how that ended is unknown: somebody has to look, and settle it on its card first"
        case State.ROLLING_BACK:
            return f"was {deed}, failed, and is going back right now{await _step(tx, op)}"
        case _:
            return f"is {deed} right now{await _step(tx, op)}"


async def _deed(tx: Tx, op: Operation) -> str:
    found = await releases.some(tx, [one for one in (op.to_release, op.from_release) if one])
    to = found[op.to_release].version
    if op.kind is Kind.RESTART:
        return f"restarting {op.target} with {to}"
    if op.kind is Kind.ROLLBACK and op.from_release:
        return f"taking {op.target} back from {found[op.from_release].version} to {to}"
    return f"bringing {to} to {op.target}"


async def _step(tx: Tx, op: Operation) -> str:
    """Say which step an operation is in, and for how long."""
    for step in (await steps.of_operations(tx, [op.id]))[op.id]:
        if step.state in AT_WORK and step.started_at:
            return f" (step {step.name}, {spoken(tx.now - step.started_at)})"
    return ""
