"""Let escalations stand still of what is silenced: made by somebody in Slack, or in Alertmanager itself."""

from bot.jobs import JobKind
from bot.usecases import hushing
from bot.world import World


async def do(world: World, silence_id: int) -> None:
    """Let them; done again it changes nothing."""
    await hushing.hush(world, silence_id)


JOB = JobKind(hushing.MADE, do)
