"""`/release backend 1.4.0`: where a release came from, where it has been, and where it is held off."""

from pydantic import BaseModel, ConfigDict, Field

from bot.command import Answer, Command, Context
from bot.domain.errors import Refused
from bot.usecases import reading
from bot.views import releases as view


class Args(BaseModel):
    """The release: its version, commit or number (`#12`), after its service where several have that."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    release: tuple[str, ...] = Field(min_length=1, title="[service] <version | commit | #number>")


async def run(args: Args, ctx: Context) -> Answer:
    """Read the ledger and show it."""
    service, word = read(args, ctx)
    found = await reading.biography(ctx.world, word, service)
    people = [*(entry.asked_by for entry in found.entries), *(hold.by for hold in found.holds)]
    return view.biography(found, names=await ctx.world.names(people))


def read(args: Args, ctx: Context) -> tuple[str | None, str]:
    """Tell the service from the release; their order does not matter."""
    services = [word for word in args.release if word in ctx.world.catalog.services]
    others = [word for word in args.release if word not in services]
    if len(others) == 1 and len(services) <= 1:
        return (services[0] if services else None), others[0]
    raise Refused("One release at a time, for example `/release 1.4.0`, `/release backend 1.4.0` or `/release #12`.")


COMMAND = Command(
    "release",
    "Where a release came from and where it has been",
    Args,
    run,
    examples=("release 1.4.0", "release backend 1.4.0", "release #12"),
)
