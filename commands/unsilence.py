"""`/unsilence 12`: a silence ends now, and what it covered calls people again."""

from pydantic import BaseModel, ConfigDict, Field

from bot.command import LARGEST_NUMBER, Answer, Button, Command, Context
from bot.usecases import silencing
from bot.views.kit import Message


class Args(BaseModel):
    """The silence, by the number on the card."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    silence: int = Field(ge=1, le=LARGEST_NUMBER)


async def run(args: Args, ctx: Context) -> Answer:
    """End it."""
    await silencing.end(ctx.world, args.silence, by=ctx.person)
    return Message(f"Silence {args.silence} is being ended; the card says when it is.")


async def press(silence: int, ctx: Context) -> Answer:
    """End it; the card says so."""
    await silencing.end(ctx.world, silence, by=ctx.person)
    return None


COMMAND = Command("unsilence", "End a silence now", Args, run, examples=("unsilence 12",))
BUTTONS = [Button("unsilence", press)]
