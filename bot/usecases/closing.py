"""Saying that an alert group is over: not while it is known to fire; who does not want to hear of it silences it."""

from bot.domain.alertgroup import Closed, Group, State
from bot.domain.errors import Refused
from bot.ledger import alertgroups, closings
from bot.ledger.statement import Reads
from bot.usecases.groups import locked
from bot.world import World

RESOLVING = "resolve alerts"


async def still_firing(world: World, group_id: int, *, by: str) -> list[str]:
    """Return what is known to fire in a group, by name; `Refused` when the person may not say that it is over.

    A monitor that never tells the end, or that is no longer in the catalog, knows of nothing that fires.
    """
    await world.require(by, world.catalog.acknowledgers(), RESOLVING)
    group = await alertgroups.get(world.ledger.reading, group_id)
    if group is None:
        raise Refused(f"There is no alert group {group_id}.")
    if group.state is State.RESOLVED:
        raise Refused("It is resolved already.")
    return await _firing(world, world.ledger.reading, group)


async def close(world: World, group_id: int, why: str, *, by: str) -> Group:
    """Note that a group is over because a person says so, and why; its alerts end with it."""
    await world.require(by, world.catalog.acknowledgers(), RESOLVING)
    why = world.mask(why)
    async with world.ledger.transaction() as tx:
        group = await locked(tx, group_id)
        firing = await _firing(world, tx, group)
        group = alertgroups.happen(tx, group, Closed(by, why, firing), actor=by, why=why)
        closings.end_alerts(tx, group)
        return group


async def _firing(world: World, reads: Reads, group: Group) -> list[str]:
    if not world.catalog.tells_end(group.route):
        return []
    return [one.name for one in await alertgroups.alerts_of(reads, group.id) if one.firing]
