"""`/resolve 7 why`, and the button Resolve…: an alert group is over, though no monitor says so."""

from pydantic import BaseModel, ConfigDict, Field

from bot.command import LARGEST_NUMBER, Answer, Button, Command, Context, Form, Open, Submission, Wrong
from bot.domain.errors import Refused
from bot.usecases import closing, silencing
from bot.views import alertforms
from bot.views.kit import Message


class Args(BaseModel):
    """The alert group, and why it is over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: int = Field(ge=1, le=LARGEST_NUMBER)
    why: tuple[str, ...] = Field((), title="[why]")


async def run(args: Args, ctx: Context) -> Answer:
    """Say that it is over; ask why where that is not said."""
    firing = await closing.still_firing(ctx.world, args.group, by=ctx.person)
    if firing:
        may = await silencing.possible(ctx.world, args.group)
        return alertforms.still_fires(args.group, firing, silenceable=may)
    if not args.why:
        return Open(alertforms.resolve(args.group, ctx.channel))
    await closing.close(ctx.world, args.group, " ".join(args.why), by=ctx.person)
    return Message(f"Alert group {args.group} is resolved.")


async def press(group: int, ctx: Context) -> Answer:
    """Ask why, or say what fires still."""
    return await run(Args(group=group), ctx)


async def submit(sent: Submission, ctx: Context) -> Answer:
    """Say that it is over; the card says so, and what is wrong is said in the window."""
    try:
        await closing.close(ctx.world, sent.number, str(sent.values["why"] or ""), by=ctx.person)
    except Refused as no:
        return Wrong({"why": str(no)})
    return None


COMMAND = Command(
    "resolve", "Say that an alert group is over, and why", Args, run, examples=("resolve 7 the host is gone",)
)
BUTTONS = [Button("resolve", press)]
FORMS = [Form("resolve", submit)]
