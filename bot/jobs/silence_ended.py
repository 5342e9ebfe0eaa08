"""Call people for what still fires when a silence has ended: by itself, by somebody, or in Alertmanager."""

from bot.jobs import JobKind
from bot.usecases import hushing
from bot.world import World


async def do(world: World, silence_id: int) -> None:
    """Call, once for each group and silence."""
    await hushing.call_again(world, silence_id)


JOB = JobKind(hushing.ENDED, do)
