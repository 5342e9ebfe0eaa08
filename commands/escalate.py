"""`/escalate 7`, and the button on an alert group's card: whoever is next is told now."""

from pydantic import BaseModel, ConfigDict, Field

from bot.command import LARGEST_NUMBER, Answer, Button, Command, Context
from bot.usecases import escalating
from bot.views import escalations as view


class Args(BaseModel):
    """The alert group."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: int = Field(ge=1, le=LARGEST_NUMBER)


async def run(args: Args, ctx: Context) -> Answer:
    """Have the next step taken now; say who is told."""
    taken = await escalating.now(ctx.world, args.group, by=ctx.person)
    return view.escalated(args.group, taken.step.whom)


async def press(group: int, ctx: Context) -> Answer:
    """Have the next step taken now; the card says who is told."""
    await escalating.now(ctx.world, group, by=ctx.person)
    return None


COMMAND = Command("escalate", "Tell whoever is next about an alert group, now", Args, run, examples=("escalate 7",))
BUTTONS = [Button("escalate", press)]
