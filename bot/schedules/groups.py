"""Ask Slack again who is in which group, before what is remembered is too old: nobody's ack waits for that."""

from datetime import timedelta

import structlog

from bot.calendar import Schedule
from bot.domain.errors import GaveUp, Retry
from bot.world import World

log = structlog.get_logger(__name__)


async def run(world: World) -> None:
    """Renew every group that the catalog names; one that cannot be read now is asked for when it is needed."""
    for team in world.catalog.teams.values():
        if team.usergroup:
            try:
                await world.directory.renew(team.usergroup)
            except (Retry, GaveUp) as error:
                log.warning("a group cannot be read", group=team.usergroup, reason=world.mask(error.reason))


SCHEDULE = Schedule("groups", timedelta(minutes=2), run, alone=False)
