"""`/logs staging backend`: what its programs printed last; the pages come into the thread of a message."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.catalog import Duration
from bot.command import Answer, Command, Context
from bot.usecases import logs
from bot.usecases.logs import Logs
from bot.words import Option


class Args(BaseModel):
    """Environment, service, and how far back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str
    service: str
    since: Annotated[Duration, Option("10m")] = Field(timedelta(minutes=10))


async def run(args: Args, ctx: Context) -> Answer:
    """Check what can be checked at once, and write the wish down."""
    wish = Logs(environment=args.environment, service=args.service, since=args.since)
    await logs.check(ctx.world, ctx.person, wish)
    await ctx.ask("logs", wish)
    return None


COMMAND = Command(
    "logs",
    "What a service's programs printed last",
    Args,
    run,
    examples=("logs staging backend", "logs production backend --since 1h"),
)
