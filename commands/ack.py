"""`/ack 7`, and the buttons under an alert group: somebody is at it, or no longer is."""

from pydantic import BaseModel, ConfigDict, Field

from bot.command import LARGEST_NUMBER, Answer, Button, Command, Context
from bot.usecases import alerting
from bot.views.kit import Message


class Args(BaseModel):
    """The alert group."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: int = Field(ge=1, le=LARGEST_NUMBER)


async def run(args: Args, ctx: Context) -> Answer:
    """Say that you are at it."""
    await alerting.acknowledge(ctx.world, args.group, by=ctx.person)
    return Message(f"You are at alert group {args.group}.")


async def ack(group: int, ctx: Context) -> Answer:
    """Say that you are at it; the card says so."""
    await alerting.acknowledge(ctx.world, group, by=ctx.person)
    return None


async def unack(group: int, ctx: Context) -> Answer:
    """Say that you no longer are; the card says so."""
    await alerting.take_back(ctx.world, group, by=ctx.person)
    return None


COMMAND = Command("ack", "Say that you are at an alert group", Args, run, examples=("ack 7",))
BUTTONS = [Button("ack", ack), Button("unack", unack)]
