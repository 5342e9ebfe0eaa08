"""Having a change's live card painted anew because of what another change has done.

What it brought was overtaken or is live again, or it has moved up in its target's line; its own rows are as they were.
"""

from bot.ledger import cards, causes, changes
from bot.world import World


async def touch(world: World, change_id: int) -> None:
    """Say that a change's live card is stale, and those of the alerts that it may have caused."""
    async with world.ledger.transaction() as tx:
        causes.touch(tx, change_id)
        cards.touch(tx, changes.subject(change_id), role="live")
