"""`/assign 7 @selma`, and the button Assign…: somebody is at an alert group because another says so."""

from pydantic import BaseModel, ConfigDict, Field

from bot.command import LARGEST_NUMBER, Answer, Button, Command, Context, Form, Open, Submission, Wrong
from bot.domain.errors import Refused
from bot.usecases import assigning
from bot.views import alertforms
from bot.views.kit import Message, outside, said, section


class Args(BaseModel):
    """The alert group, and who is to be at it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: int = Field(ge=1, le=LARGEST_NUMBER)
    person: tuple[str, ...] = Field(min_length=1, title="[@person]")


async def run(args: Args, ctx: Context) -> Answer:
    """Give it to somebody; the card says so, and the thread calls them."""
    word = " ".join(args.person)
    person = await assigning.called(ctx.world, word, by=ctx.person)
    await assigning.assign(ctx.world, args.group, person, by=ctx.person)
    return await _done(args.group, person, ctx)


async def _done(group: int, person: str, ctx: Context) -> Message:
    if person == ctx.person:
        return Message(f"You are at alert group {group}.")
    name = (await ctx.world.names([person]))[person]
    return said([section(f"{outside(name)} is at alert group {group} now, and is called in its thread.")])


async def press(group: int, ctx: Context) -> Answer:
    """Ask who."""
    await assigning.check(ctx.world, by=ctx.person)
    return Open(alertforms.assign(group, ctx.channel))


async def submit(sent: Submission, ctx: Context) -> Answer:
    """Give it to whoever was chosen; the card says so, and what is wrong is said in the window."""
    try:
        await assigning.assign(ctx.world, sent.number, str(sent.values["person"]), by=ctx.person)
    except Refused as no:
        return Wrong({"person": str(no)})
    return None


COMMAND = Command(
    "assign",
    "Give an alert group to somebody, or take it over",
    Args,
    run,
    examples=("assign 7 @selma", "assign 7 me"),
    mentions=True,
)
BUTTONS = [Button("assign", press)]
FORMS = [Form("assign", submit)]
