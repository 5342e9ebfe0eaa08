"""Looking whether a target runs what the ledger put there, before something else is put there."""

from bot.domain.drift import Drift, drift
from bot.domain.target import Target
from bot.ledger import releases, targets
from bot.world import World


async def look(world: World, target: Target) -> Drift | None:
    """Observe a target; None when it runs what it should, and while an operation is at it. Raises as backends do."""
    ledger = world.ledger.reading
    before = await targets.stands(ledger, target)
    if before is None:
        return None
    release = await releases.get(ledger, before.release_id) if before.release_id else None
    seen = await world.backend(target).observe(target, key=before.key or "look", config=world.catalog.section(target))
    after = await targets.stands(ledger, target)
    return drift(seen, release) if after == before else None
