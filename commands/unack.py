"""`/unack 7`: nobody is at an alert group any more."""

from bot.command import Answer, Command, Context
from bot.usecases import alerting
from bot.views.kit import Message
from commands.ack import Args


async def run(args: Args, ctx: Context) -> Answer:
    """Take it back."""
    await alerting.take_back(ctx.world, args.group, by=ctx.person)
    return Message(f"Nobody is at alert group {args.group} now.")


COMMAND = Command("unack", "Say that you are no longer at an alert group", Args, run, examples=("unack 7",))
