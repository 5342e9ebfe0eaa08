"""What is silenced: which alerts of a group are not to call anybody now, and which groups are so as a whole."""

from collections.abc import Collection, Iterable

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group
from bot.ledger import silences
from bot.ledger.statement import Reads
from bot.usecases import watching
from bot.world import World


def monitor_of(world: World, group: Group) -> str | None:
    """Return the Alertmanager that can be asked about a group; None where there is none."""
    return (
        None if watching.ours(group) or world.catalog.alerts is None else world.catalog.alerts.monitor_of(group.route)
    )


async def covered(world: World, tx: Reads, group: Group, alerts: Iterable[Alert]) -> set[str]:
    """Return the fingerprints of those alerts of a group that a silence keeps from calling anybody now."""
    return await silences.covering(tx, monitor_of(world, group), alerts, world.clock.now())


async def wholly(world: World, tx: Reads, groups: Collection[int]) -> set[int]:
    """Return those of the groups (their numbers) in which something fires, and all of that is silenced now."""
    if not groups or world.catalog.alerts is None:
        return set()
    now = world.clock.now()
    living = [one for one in await silences.every_living(tx) if one.held_until is not None and one.held_until > now]
    if not living:
        return set()
    silenced, loud = set[int](), set[int]()
    for group, alert in await silences.firing_in(tx, groups):
        monitor = monitor_of(world, group)
        quiet = any(one.monitor == monitor and one.silences(alert, now) for one in living)
        (silenced if quiet else loud).add(group.id)
    return silenced - loud
