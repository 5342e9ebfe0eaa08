"""Bring about in Alertmanager what somebody wished of a silence."""

from bot.jobs import JobKind
from bot.usecases import hushing
from bot.usecases.silencing import JOB as NAME
from bot.world import World


async def do(world: World, silence_id: int) -> None:
    """Do what is lacking; what cannot be done now is tried again by the schedule of silences."""
    await hushing.bring_about(world, silence_id)


JOB = JobKind(NAME, do)
