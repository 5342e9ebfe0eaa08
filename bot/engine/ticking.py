"""The calendar: APScheduler's triggers, in memory, in every replica; what is due is done here and remembered nowhere.

APScheduler is a calendar only: what must survive is in the ledger (docs/decisions tells why).
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.calendar import Schedule
from bot.engine.worker import surviving
from bot.ledger import ticks
from bot.world import World


class Calendar:
    """Ticks every schedule until it is stopped."""

    def __init__(self, world: World, schedules: Iterable[Schedule]) -> None:
        self._world = world
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1})
        for schedule in schedules:
            trigger = IntervalTrigger(seconds=int(schedule.every.total_seconds()), timezone=UTC)
            self._scheduler.add_job(self.tick, trigger, args=[schedule], id=schedule.name, misfire_grace_time=5)

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        self._scheduler.shutdown(wait=False)

    async def tick(self, schedule: Schedule) -> None:
        """Do what a schedule says, unless another replica has taken this due time."""
        await surviving(schedule.name, lambda: self._act(schedule))

    async def _act(self, schedule: Schedule) -> None:
        if not schedule.alone or await self._taken(schedule):
            await schedule.run(self._world)

    async def _taken(self, schedule: Schedule) -> bool:
        async with self._world.ledger.transaction() as tx:
            return await ticks.take(tx, schedule.name, due(schedule, tx.now))


def due(schedule: Schedule, now: datetime) -> datetime:
    """Return the due time that a moment belongs to: the same in every replica."""
    size = schedule.every.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // size * size, UTC)
