"""What a change brought that serves still: that, and no more, is what a rollback from its card is about.

But where it failed over what had failed itself, that is what serves and what a person wants to leave.
"""

from bot.domain.change import Change
from bot.domain.errors import Refused
from bot.domain.operation import Operation, State
from bot.ledger import operations, succession
from bot.world import World


async def of(world: World, change: Change) -> list[str]:
    """Return the services that run what a change brought; `Refused` says what runs instead, if none does.

    What went wrong comes before what went well: of a change with both, that is what a person wants to leave.
    """
    found: dict[State, list[str]] = {State.UNKNOWN: [], State.FAILED: [], State.SUCCEEDED: []}
    overtaken: dict[str, int] = {}
    async with world.ledger.transaction() as tx:
        for op in await operations.of_change(tx, change.id):
            owner = await succession.owner(tx, op.target)
            if op.state in found and (op.state is State.UNKNOWN or _is(owner, op) or _over_failed(owner, op)):
                found[op.state].append(op.target.service)
            elif owner is not None and op.final:
                overtaken[str(op.target)] = owner.change_id
    services = next((names for names in found.values() if names), [])
    if not services:
        raise Refused(_gone(change, overtaken))
    return services


def _over_failed(owner: Operation | None, op: Operation) -> bool:
    """Whether an operation failed over what had failed itself and serves still: to leave that is what is wanted."""
    return op.state is State.FAILED and not op.going_back and owner is not None and owner.state is State.FAILED


def _is(owner: Operation | None, op: Operation) -> bool:
    return owner is not None and owner.id == op.id


def _gone(change: Change, overtaken: dict[str, int]) -> str:
    if not change.final and not overtaken:
        return f"Nothing that change {change.id} brings is live yet. To stop it: `/cancel {change.id}`."
    there = " and ".join(f"{target} runs what change {number} brought" for target, number in overtaken.items())
    return (
        f"Nothing that change {change.id} brought is live any more{f': {there}' if there else ''}. "
        f"`/rollback {change.environment}` leaves what is."
    )
