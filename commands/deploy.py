"""`/deploy staging`: bring the newest releases to an environment, or named ones."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.command import Answer, Command, Context, Form, Open, Submission, Wrong
from bot.domain.errors import Refused
from bot.usecases import deploys
from bot.usecases.deploys import Deploy
from bot.views import forms
from bot.words import Option


class Args(BaseModel):
    """Environment, services, and at most one version, branch or commit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str
    words: tuple[str, ...] = Field((), title="[service…] [version | branch | commit]")
    dry_run: bool = False
    reason: Annotated[str, Option("why")] = Field("", max_length=1000)


async def run(args: Args, ctx: Context) -> Answer:
    """Check what can be checked at once, and write the wish down."""
    wish = Deploy(environment=args.environment, words=args.words, reason=args.reason, dry_run=args.dry_run)
    await deploys.check(ctx.world, ctx.person, wish)
    await ctx.ask("deploy", wish)
    return None


async def ask_for_more(ctx: Context) -> Answer:
    """Open the modal that asks for the same."""
    catalog = ctx.world.catalog
    return Open(forms.deploy(list(catalog.environments), list(catalog.services), channel=ctx.channel))


async def submit(sent: Submission, ctx: Context) -> Answer:
    """Take the modal as if it had been typed."""
    services, word = sent.values.get("services") or (), str(sent.values.get("version") or "").strip()
    words = (*services, word) if word else tuple(services)
    wish = Deploy(
        environment=str(sent.values["environment"]),
        words=words,
        reason=str(sent.values.get("reason") or ""),
        dry_run="dry_run" in (sent.values.get("mode") or ()),
    )
    try:
        await deploys.check(ctx.world, ctx.person, wish)
    except Refused as no:
        return Wrong({"environment": str(no)})
    await ctx.ask("deploy", wish)
    return None


COMMAND = Command(
    "deploy",
    "Deploy to an environment: the newest releases, or a named one",
    Args,
    run,
    blank=ask_for_more,
    examples=("deploy staging", "deploy staging backend 1.4.0 --reason hotfix", "deploy production --dry-run"),
)
FORMS = [Form("deploy", submit)]
