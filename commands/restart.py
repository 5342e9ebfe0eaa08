"""`/restart staging backend`: begin what is live there anew, and look whether it is well."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.command import Answer, Command, Context
from bot.usecases import restarts
from bot.usecases.restarts import Restart
from bot.words import Option


class Args(BaseModel):
    """Environment and service."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str
    service: str
    reason: Annotated[str, Option("why")] = Field("", max_length=1000)


async def run(args: Args, ctx: Context) -> Answer:
    """Check what can be checked at once, and write the wish down."""
    wish = Restart(environment=args.environment, service=args.service, reason=args.reason)
    await restarts.check(ctx.world, ctx.person, wish)
    await ctx.ask("restart", wish)
    return None


COMMAND = Command(
    "restart",
    "Begin what is live anew: the same release, a new start",
    Args,
    run,
    examples=("restart staging backend", "restart production backend --reason it answers slowly"),
)
