"""`report`: write a report anew by what the ledger knows, and what people have filled in."""

from bot.jobs import JobKind
from bot.usecases import reporting
from bot.world import World


async def do(world: World, report_id: int) -> None:
    """Write it."""
    await reporting.write(world, report_id)


JOB = JobKind("report", do)
