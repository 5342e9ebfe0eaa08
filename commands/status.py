"""`/status`: what is live everywhere, since when, by whom, and where that is not what is seen."""

from pydantic import BaseModel, ConfigDict

from bot.command import Answer, Command, Context
from bot.ledger import changes
from bot.usecases import reading
from bot.views import status as view


class Args(BaseModel):
    """The environment; without it, all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str | None = None


async def run(args: Args, ctx: Context) -> Answer:
    """Read the ledger and show it."""
    world = ctx.world
    if args.environment is not None:
        world.catalog.environment(args.environment)
    standings = await reading.standing(world, args.environment)
    async with world.ledger.transaction() as tx:
        going_on = await changes.open_in(tx, args.environment)
    people = [one.live.by for one in standings if one.live and one.live.by]
    names = await world.names([*people, *(change.asked_by for change in going_on)])
    return view.board(standings, going_on, names=names, now=world.clock.now())


COMMAND = Command(
    "status", "What is live where, since when, by whom", Args, run, examples=("status", "status production")
)
