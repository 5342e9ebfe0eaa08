"""`/status`: what is live everywhere, since when, by whom, and where that is not what is seen."""

from pydantic import BaseModel, ConfigDict

from bot.command import Answer, Command, Context
from bot.usecases import overview
from bot.views import status as view
from bot.views.status import Board


class Args(BaseModel):
    """The environment; without it, all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str | None = None


async def run(args: Args, ctx: Context) -> Answer:
    """Read the ledger and show it."""
    world = ctx.world
    if args.environment is not None:
        world.catalog.environment(args.environment)
    seen = await overview.look(world, args.environment)
    names = await world.names(seen.people)
    return view.board(Board(seen.standings, seen.motions, world.clock.now(), names, seen.links))


COMMAND = Command(
    "status", "What is live where, since when, by whom", Args, run, examples=("status", "status production")
)
