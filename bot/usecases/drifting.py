"""Looking whether a target runs what the ledger put there, before something else is put there."""

from bot.domain.drift import Drift, drift
from bot.domain.target import Target
from bot.ledger import operations, releases, targets
from bot.ledger.ledger import Tx
from bot.world import World


async def look(world: World, target: Target) -> Drift | None:
    """Observe a target; None when it runs what it should, and while an operation is at it. Raises as backends do."""
    async with world.ledger.transaction() as tx:
        before = await _stands(tx, target)
        known = await targets.live(tx, target)
        release = await releases.get(tx, known.release_id) if known and known.release_id else None
    if before is None:
        return None
    key = (known.key if known else None) or "look"
    seen = await world.backend(target).observe(target, key=key, config=world.catalog.section(target))
    async with world.ledger.transaction() as tx:
        after = await _stands(tx, target)
    return drift(seen, release) if after == before else None


async def _stands(tx: Tx, target: Target) -> tuple[int | None, str | None] | None:
    """Return by what a target runs what it runs; None while an operation is at it, or nobody can tell."""
    if await operations.holder(tx, target) is not None:
        return None
    known = await targets.live(tx, target)
    return (known.operation_id, known.key) if known else (None, None)
