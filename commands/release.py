"""`/release 1.4.0`: where a release came from, where it has been, and where it is held off."""

from pydantic import BaseModel, ConfigDict, Field

from bot.command import Answer, Command, Context
from bot.usecases import reading
from bot.views import releases as view


class Args(BaseModel):
    """The release: its number, version or commit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    release: str = Field(max_length=200)


async def run(args: Args, ctx: Context) -> Answer:
    """Read the ledger and show it."""
    found = await reading.biography(ctx.world, args.release)
    people = [*(entry.asked_by for entry in found.entries), *(hold.by for hold in found.holds)]
    return view.biography(found, names=await ctx.world.names(people))


COMMAND = Command("release", "Where a release came from and where it has been", Args, run, examples=("release 1.4.0",))
