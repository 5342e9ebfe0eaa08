"""`/settle 7 succeeded`: say how an unknown operation ended, after looking; and the buttons that say the same."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.command import LARGEST_NUMBER, Answer, Button, Command, Context
from bot.usecases import decisions
from bot.views.kit import Message


class Args(BaseModel):
    """The operation, and how it ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    operation: int = Field(ge=1, le=LARGEST_NUMBER)
    outcome: Literal["succeeded", "failed"] = Field(title="succeeded | failed")


async def run(args: Args, ctx: Context) -> Answer:
    """Settle an unknown operation."""
    await decisions.settle(ctx.world, args.operation, by=ctx.person, succeeded=args.outcome == "succeeded")
    return Message(f"Operation {args.operation} is settled: {args.outcome}.")


async def succeeded(operation: int, ctx: Context) -> Answer:
    """Mark it as succeeded; the card says so."""
    await decisions.settle(ctx.world, operation, by=ctx.person, succeeded=True)
    return None


async def failed(operation: int, ctx: Context) -> Answer:
    """Mark it as failed; the card says so."""
    await decisions.settle(ctx.world, operation, by=ctx.person, succeeded=False)
    return None


COMMAND = Command("settle", "Say how an unknown operation ended", Args, run, examples=("settle 7 succeeded",))
BUTTONS = [Button("mark_succeeded", succeeded), Button("mark_failed", failed)]
