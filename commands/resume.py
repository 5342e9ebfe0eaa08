"""`/resume 42`: go on with the rest of a change although an operation failed, or ask a blocked one's gates again.

`--over-drift` says that a blocked one may replace what somebody put there past Slipway, as its card names it.
"""

from pydantic import BaseModel, ConfigDict, Field

from bot.command import LARGEST_NUMBER, Answer, Button, Command, Context
from bot.domain.change import Change, State
from bot.usecases import decisions, replacing
from bot.views.kit import Message


class Args(BaseModel):
    """The change."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    change: int = Field(ge=1, le=LARGEST_NUMBER)
    over_drift: bool = False


async def run(args: Args, ctx: Context) -> Answer:
    """Go on, or check again."""
    change = await decisions.peek(ctx.world, args.change)
    if change.state is State.BLOCKED:
        after = await _check(args, ctx)
        still = after.state is State.BLOCKED
        return Message(f"Change {args.change} is still blocked." if still else f"Change {args.change} goes on.")
    await decisions.go_on(ctx.world, args.change, by=ctx.person)
    return Message(f"Change {args.change} goes on with the rest.")


async def _check(args: Args, ctx: Context) -> Change:
    if args.over_drift:
        return await replacing.replace(ctx.world, args.change, by=ctx.person)
    return await decisions.resume(ctx.world, args.change, by=ctx.person)


async def go_on(change: int, ctx: Context) -> Answer:
    """Go on with the rest; the card says so."""
    await decisions.go_on(ctx.world, change, by=ctx.person)
    return None


async def check_again(change: int, ctx: Context) -> Answer:
    """Ask the gates again; the card says what they say."""
    await decisions.resume(ctx.world, change, by=ctx.person)
    return None


async def replace(change: int, ctx: Context) -> Answer:
    """Let what drifts be replaced; the card says by whom."""
    await replacing.replace(ctx.world, change, by=ctx.person)
    return None


COMMAND = Command(
    "resume", "Go on with a change that waits for somebody", Args, run, examples=("resume 42", "resume 42 --over-drift")
)
BUTTONS = [Button("go_on", go_on), Button("check_again", check_again), Button("replace", replace)]
