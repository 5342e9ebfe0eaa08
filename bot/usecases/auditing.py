"""Whether escalations keep their time: what is late is complained of, and what was left lying is taken up again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.ledger import cards, escalations, notifications
from bot.ledger.following import job
from bot.usecases import escalating
from bot.world import World

LEFT = timedelta(seconds=10)  # a job that has not run after this long may have been lost
EPISODE = timedelta(minutes=15)  # in which the channel is told once


@dataclass(frozen=True, slots=True)
class Audit:
    """Steps that are overdue, the first since when; and how much that was told has no outcome after so long."""

    steps: int
    since: datetime | None
    waiting: int

    @property
    def late(self) -> bool:
        """Whether anything is."""
        return bool(self.steps or self.waiting)


async def audit(world: World) -> Audit:
    """Look; have jobs done that were lost, and the channel told, once in an episode."""
    patience = escalating.lateness(world)
    async with world.ledger.transaction() as tx:
        behind = await escalations.overdue(tx, by=patience)
        await tx.take_up([job(one) for one in await notifications.lying(tx, before=tx.now - LEFT)])
        waiting = len(await notifications.lying(tx, before=tx.now - patience))
        found = Audit(behind.escalations, behind.since, waiting)
        if found.late and world.catalog.alerts is not None:
            episode = int(tx.now.timestamp() // EPISODE.total_seconds())
            await cards.add(tx, f"overdue:{episode}", "live", world.catalog.alert_channel(""))
            cards.touch(tx, f"overdue:{episode}")
    return found
