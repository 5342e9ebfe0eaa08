"""Have what people were told in Slack of an alert group painted anew: somebody is at it by now, or it is over.

It is a transaction of its own: who tells people locks these cards before the group's.
"""

from bot.jobs import JobKind
from bot.ledger import cards, notifications
from bot.world import World


async def repaint(world: World, group_id: int) -> None:
    """Say that the messages about a group that hang somewhere are stale."""
    async with world.ledger.transaction() as tx:
        told = [notifications.subject(one.id) for one in await notifications.of_group(tx, group_id)]
        if told:
            cards.touch_now(tx, told, None, urgent=False)


JOB = JobKind("notified", repaint)
