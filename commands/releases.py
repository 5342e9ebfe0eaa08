"""`/releases staging backend`: what was brought where, newest first; `at 2026-11-20 14:00` for a moment in the past."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from bot.catalog import nearest
from bot.command import Answer, Command, Context
from bot.domain.duration import parse as parse_duration
from bot.domain.errors import GaveUp, Refused, Retry
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
    environment, service = _places(words, ctx)
    entries = await reading.history(ctx.world, environment, service, until=when)
    names = await ctx.world.names([entry.asked_by for entry in entries])
    then = await reading.live_at(ctx.world, environment, service, when) if when and environment else []
    return view.history(entries, environment=environment, service=service, names=names, at=when, live=then)


def _places(words: list[str], ctx: Context) -> tuple[str | None, str | None]:
    catalog = ctx.world.catalog
    environment = next((word for word in words if word in catalog.environments), None)
    service = next((word for word in words if word in catalog.services), None)
    for word in words:
        if word not in {environment, service}:
            close = nearest(word, [*catalog.environments, *catalog.services])
            hint = f"Did you mean “{close}”?" if close else "Usage: `/releases [environment] [service] [at time]`"
            raise Refused(f"“{word}” is neither an environment nor a service. {hint}")
    return environment, service


async def moment(text: str, ctx: Context) -> datetime:
    """Read a moment in the asker's own time zone: `2026-11-20 14:00`, `14:00`, `yesterday`, `2h ago`."""
    zone = await _zone(ctx)
    now = ctx.world.clock.now()
    try:
        return _read(text.strip().lower(), now, zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        example = "`2026-11-20 14:00`, `14:00`, `yesterday` or `2h ago`"
        raise Refused(f"“{text}” is not a time I can read; say for example {example}.") from error


async def _zone(ctx: Context) -> ZoneInfo:
    try:
        return ZoneInfo((await ctx.world.directory.person(ctx.person)).zone)
    except (Retry, GaveUp, KeyError, ValueError):
        return ZoneInfo("UTC")


def _read(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    if text == "now":
        return now
    if text == "yesterday":
        return now - timedelta(days=1)
    if text.endswith("ago"):
        return now - parse_duration(text.removesuffix("ago"))
    here = now.astimezone(zone)
    if len(text) <= len("14:00:00"):
        clock = datetime.strptime(text, "%H:%M").replace(tzinfo=zone)
        return here.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    written = datetime.fromisoformat(text)
    return written if written.tzinfo else written.replace(tzinfo=zone)


COMMAND = Command(
    "releases",
    "What was brought where, newest first",
    Args,
    run,
    examples=("releases production", "releases staging backend at 2026-11-20 14:00"),
)
