"""`/unack 7`: nobody is at an alert group any more."""

from bot.command import Answer, Command, Context
from bot.domain.alertgroup import State
from bot.domain.errors import Refused
from bot.usecases import alerting, listing
from bot.views import alertlists as view
from bot.views.kit import Message
from commands.ack import Args


async def run(args: Args, ctx: Context) -> Answer:
    """Take it back; where you are at several, choose."""
    number = args.group
    if number is None:
        mine = await listing.with_state(ctx.world, State.ACKNOWLEDGED, by=ctx.person)
        if not mine.groups:
            raise Refused("You are at no alert. `/alerts` lists all that are open.")
        if len(mine.groups) > 1:
            return view.choice(mine, "Which one?", "unack", "I am no longer at it")
        number = mine.groups[0].group.id
    await alerting.take_back(ctx.world, number, by=ctx.person)
    return Message(f"Nobody is at alert group {number} now.")


COMMAND = Command("unack", "Say that you are no longer at an alert group", Args, run, examples=("unack", "unack 7"))
