"""`/again 42`: ask for the same as a change that failed or was cancelled; it is a new change, approved anew."""

from pydantic import BaseModel, ConfigDict, Field

from bot.command import LARGEST_NUMBER, Answer, Button, Command, Context
from bot.usecases import again


class Args(BaseModel):
    """The change."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    change: int = Field(ge=1, le=LARGEST_NUMBER)


async def run(args: Args, ctx: Context) -> Answer:
    """Check what can be checked at once, and write the wish down."""
    return await press(args.change, ctx)


async def press(change: int, ctx: Context) -> Answer:
    """Ask from the card; a card of its own answers."""
    word, wish = await again.wish(ctx.world, ctx.person, change)
    await ctx.ask(word, wish)
    return None


COMMAND = Command("again", "Ask for a failed or cancelled change once more", Args, run, examples=("again 42",))
BUTTONS = [Button("again", press)]
