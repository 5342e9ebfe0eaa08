"""Saying that what somebody put on a target past Slipway may be replaced by a change that waits for that."""

from bot.domain.change import Change, State
from bot.domain.errors import Refused
from bot.domain.target import Target
from bot.ledger import targets
from bot.usecases import decisions, drifting
from bot.usecases.reading import gates_of
from bot.world import World


async def replace(world: World, change_id: int, *, by: str) -> Change:
    """Note that what the card of a blocked change names may be replaced, and ask its gates again.

    What runs there by now and is not on the card was not meant: then the card says it, and the person is told.
    """
    change = await decisions.peek(world, change_id)
    allowed = world.catalog.responsible(change.environment)
    await world.require(by, allowed, f"say what may be replaced in {change.environment}")
    if change.state is not State.BLOCKED:
        raise Refused(f"Change {change_id} is not blocked: it is {change.state.replace('_', ' ')}.")
    async with world.ledger.transaction() as tx:
        told = {one.target: one.words for one in await gates_of(tx, change_id) if one.gate == "drift"}
    for planned in change.plan.operations:
        target = Target(planned.service, change.environment)
        found = await drifting.instead(world, target) if world.catalog.knows(target) else None
        if found is not None and not told.get(str(target), "").startswith(found.words):
            await decisions.check_again(world, change_id)
            raise Refused(f"{target} runs something else by now than the card said. Look at it again.")
        if found is not None:
            async with world.ledger.transaction() as tx:
                targets.let_be_replaced(tx, target, found, by=by)
    return await decisions.check_again(world, change_id)
