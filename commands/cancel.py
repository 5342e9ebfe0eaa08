"""`/cancel 42`: take a change back; before it runs at once, after as far as nothing has moved or it can be ended."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from bot.command import LARGEST_NUMBER, Answer, Button, Command, Context
from bot.domain.change import Change
from bot.domain.errors import Refused
from bot.ledger import changes
from bot.usecases import decisions
from bot.usecases.ending import enders
from bot.views.kit import Message


class Args(BaseModel):
    """The change; without it, the one open change that you asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    change: int | None = Field(None, ge=1, le=LARGEST_NUMBER)


async def run(args: Args, ctx: Context) -> Answer:
    """Cancel a change, and say how far that goes."""
    number = args.change or await _mine(ctx)
    change = await decisions.cancel(ctx.world, number, by=ctx.person)
    return Message(told(change, ends=enders(ctx.world, change)))


def told(change: Change, *, ends: Sequence[str]) -> str:
    """Say how far a cancel goes; `ends` are the kinds of backends that can end what is under way."""
    if change.final:
        return f"Change {change.id} is cancelled; nothing was done."
    runs_on = "what touches a target already runs to its end"
    rest = f"what {' and '.join(ends)} has under way is asked to end" if ends else runs_on
    return f"Change {change.id} is being stopped: what has not begun will not be done, and {rest}."


async def _mine(ctx: Context) -> int:
    async with ctx.world.ledger.transaction() as tx:
        mine = [change for change in await changes.open_in(tx) if change.asked_by == ctx.person]
    if not mine:
        raise Refused("You have no open change to cancel. `/status` shows what is going on.")
    if len(mine) > 1:
        listed = ", ".join(f"{change.id} ({change.kind} {change.environment})" for change in mine)
        raise Refused(f"Which one? You have {listed}. Say for example `/cancel {mine[-1].id}`.")
    return mine[0].id


async def press(change: int, ctx: Context) -> Answer:
    """Cancel from the card; the card says so."""
    await decisions.cancel(ctx.world, change, by=ctx.person)
    return None


COMMAND = Command("cancel", "Take a change back", Args, run, examples=("cancel", "cancel 42"))
BUTTONS = [Button("cancel", press)]
