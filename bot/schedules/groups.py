"""Ask Slack again who is in which team, before what is remembered is too old: nobody's ack waits for that."""

from datetime import timedelta

import structlog

from bot.calendar import Schedule
from bot.domain.errors import GaveUp, Retry
from bot.world import World

log = structlog.get_logger(__name__)


async def run(world: World) -> None:
    """Renew every team that the catalog names; one that cannot be read now is asked for when it is needed."""
    for name, team in world.catalog.teams.items():
        try:
            await world.directory.with_say(team.people, anew=True)
            if team.usergroup:
                await world.directory.renew(team.usergroup)
        except (Retry, GaveUp) as error:
            log.warning("a team cannot be read", team=name, group=team.usergroup, reason=world.mask(error.reason))


SCHEDULE = Schedule("groups", timedelta(minutes=2), run, alone=False)
