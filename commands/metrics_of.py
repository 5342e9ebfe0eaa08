"""`/metrics-of production backend`: response times, errors and requests of a service, as one picture."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.catalog import Duration
from bot.command import Answer, Command, Context
from bot.usecases import measuring
from bot.usecases.measuring import MetricsOf
from bot.words import Option


class Args(BaseModel):
    """Environment, service, and how far back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str
    service: str
    since: Annotated[Duration, Option("1h")] = Field(timedelta(hours=1))


async def run(args: Args, ctx: Context) -> Answer:
    """Check what can be checked at once, and write the wish down."""
    wish = MetricsOf(environment=args.environment, service=args.service, since=args.since)
    measuring.check(ctx.world, wish)
    await ctx.ask("metrics-of", wish)
    return None


COMMAND = Command(
    "metrics-of",
    "How a service does: response times, errors, requests",
    Args,
    run,
    examples=("metrics-of production backend", "metrics-of staging frontend --since 6h"),
)
