"""Audit escalations: steps that were not taken in time, and what was told without an outcome; and say so."""

from datetime import timedelta

import structlog

from bot.calendar import Schedule
from bot.usecases import auditing
from bot.world import World

log = structlog.get_logger(__name__)


async def run(world: World) -> None:
    """Take up what was left lying, and complain of what is late: in the log, and in the channel of alerts."""
    found = await auditing.audit(world)
    if found.late:
        log.error(
            "escalations are overdue",
            steps=found.steps,
            since=found.since.isoformat() if found.since else None,
            waiting=found.waiting,
        )


SCHEDULE = Schedule("overdue", timedelta(seconds=15), run)
