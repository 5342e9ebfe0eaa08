"""`/alerts`: what fires, the worst first, since when, and who is at it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.command import Answer, Command, Context
from bot.domain.alert import Severity
from bot.usecases import listing
from bot.views import alertlists as view
from bot.words import Option


class Args(BaseModel):
    """How bad, or of which service; `--all` shows what ended within the last day, too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    which: str | None = Field(None, title="severity | service", max_length=100)
    all: bool = False
    page: Annotated[int, Option("2")] = Field(1, ge=1, le=10_000)


async def run(args: Args, ctx: Context) -> Answer:
    """Read the ledger and show it."""
    _ = ctx.world.catalog.alerting
    severities = {one.word: one for one in Severity}
    severity = severities.get((args.which or "").lower())
    service = args.which if severity is None else None
    shown = await listing.look(ctx.world, severity=severity, service=service, ended=args.all, page=args.page)
    about = (f" {args.which}" if args.which else "") + (" --all" if args.all else "")
    return view.listing(shown, about=about, ended=args.all)


COMMAND = Command(
    "alerts",
    "What fires, the worst first, and who is at it",
    Args,
    run,
    examples=("alerts", "alerts critical", "alerts backend --all"),
)
