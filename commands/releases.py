"""`/releases staging backend`: what was brought where, newest first; `at 2026-11-20 14:00` for a moment in the past."""

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from bot.catalog import nearest
from bot.command import Answer, Command, Context
from bot.domain.errors import GaveUp, Refused, Retry
from bot.domain.moment import read as read_moment
from bot.usecases import reading
from bot.views import releases as view


class Args(BaseModel):
    """Environment, service, and `at` a time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: tuple[str, ...] = Field((), title="[environment] [service] [at time]")


async def run(args: Args, ctx: Context) -> Answer:
    """Read the history and show it."""
    words, when = list(args.words), None
    if "at" in words:
        place = words.index("at")
        words, when = words[:place], await moment(" ".join(words[place + 1 :]), ctx)
    environment, service = await _places(words, ctx)
    entries = await reading.history(ctx.world, environment, service, until=when)
    names = await ctx.world.names([entry.asked_by for entry in entries])
    then = await reading.live_at(ctx.world, environment, service, when) if when else []
    return view.history(entries, environment=environment, service=service, names=names, at=when, live=then)


async def _places(words: list[str], ctx: Context) -> tuple[str | None, str | None]:
    catalog = ctx.world.catalog
    environment = next((word for word in words if word in catalog.environments), None)
    service = next((word for word in words if word in catalog.services), None)
    for place, word in enumerate(words):
        if word not in {environment, service}:
            raise Refused(await _unknown(word, words[:place], words[place:], ctx))
    return environment, service


async def _unknown(word: str, before: list[str], rest: list[str], ctx: Context) -> str:
    """Say what may have been meant by a word: a place, or a time without `at` before it."""
    catalog = ctx.world.catalog
    close = nearest(word, [*catalog.environments, *catalog.services])
    hint = f"Did you mean “{close}”?" if close else "Usage: `/releases [environment] [service] [at time]`"
    with suppress(Refused):
        await moment(" ".join(rest), ctx)
        hint = f"Did you mean `/{' '.join(['releases', *before, 'at', *rest])}`?"
    return f"“{word}” is neither an environment nor a service. {hint}"


async def moment(text: str, ctx: Context) -> datetime:
    """Read a moment in the asker's own time zone."""
    return read_moment(text, now=ctx.world.clock.now(), zone=await _zone(ctx))


async def _zone(ctx: Context) -> ZoneInfo:
    try:
        return ZoneInfo((await ctx.world.directory.person(ctx.person)).zone)
    except (Retry, GaveUp, KeyError, ValueError):
        return ZoneInfo("UTC")


COMMAND = Command(
    "releases",
    "What was brought where, newest first",
    Args,
    run,
    examples=("releases production", "releases staging backend at 2026-11-20 14:00", "releases at yesterday 2pm"),
)
