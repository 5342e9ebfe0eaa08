"""Look at every target, so that `/status` can say what is seen there and since when."""

from dataclasses import replace
from datetime import timedelta

from bot.calendar import Schedule
from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Observed, Phase
from bot.domain.target import Target
from bot.ledger import targets
from bot.world import World


async def run(world: World) -> None:
    """Observe what runs; a target that cannot be seen is noted as unknown, not as it was."""
    async with world.ledger.transaction() as tx:
        known = await targets.everything(tx)
    for environment in world.catalog.environments:
        for target in world.catalog.targets(environment):
            live = known.get(target)
            seen = await _seen(world, target, (live.key if live else None) or "look")
            async with world.ledger.transaction() as tx:
                await targets.observed(tx, target, seen)


async def _seen(world: World, target: Target, key: str) -> Observed:
    try:
        seen = await world.backend(target).observe(target, key=key, config=world.catalog.section(target))
        return replace(seen, detail=world.mask(seen.detail))
    except (Retry, GaveUp) as error:
        return Observed(Phase.UNKNOWN, detail=world.mask(error.reason))


SCHEDULE = Schedule("drift", timedelta(seconds=30), run)
