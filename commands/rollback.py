"""`/rollback production backend`: back to a good release; opens a modal that asks where to, what is wrong, and why."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.catalog import nearest
from bot.catalog.nearest import did_you_mean
from bot.command import Answer, Button, Command, Context, Form, Open, Submission, Wrong
from bot.domain.errors import Refused
from bot.domain.release import Release, meant
from bot.domain.standing import Glance, Offer
from bot.domain.target import Target
from bot.domain.trigger import TRIGGERS
from bot.usecases import decisions, rollbacks, serving
from bot.usecases.rollbacks import Rollback
from bot.views import forms
from bot.views.forms import Said
from bot.words import Option


class Args(BaseModel):
    """Environment, service, and where to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str
    words: tuple[str, ...] = Field((), title="[service] [to release]")
    trigger: Annotated[str, Option(" | ".join(TRIGGERS))] = ""
    reason: Annotated[str, Option("why")] = Field("", max_length=1000)
    dry_run: bool = False
    across_migration: bool = False


async def run(args: Args, ctx: Context) -> Answer:
    """Take the wish when it is complete; ask for the rest in a modal when it is not."""
    service, to = read(args, ctx)
    if args.trigger and args.trigger not in TRIGGERS:
        near = did_you_mean(args.trigger, TRIGGERS)
        raise Refused(
            f"“{args.trigger}” is not a trigger; there are {', '.join(TRIGGERS)}. {near.capitalize()}".strip()
        )
    if not (args.dry_run or (args.trigger and args.reason)):
        return await _ask(
            ctx, args.environment, service, to, said=Said(args.trigger, args.reason, across=args.across_migration)
        )
    wish = Rollback(
        environment=args.environment,
        service=service,
        to=to,
        trigger=args.trigger,
        reason=args.reason,
        dry_run=args.dry_run,
        across_migration=args.across_migration,
    )
    await rollbacks.check(ctx.world, ctx.person, wish)
    await ctx.ask("rollback", wish)
    return None


def read(args: Args, ctx: Context) -> tuple[str | None, str | None]:
    """Tell the service from the release in `backend to 1.2.0`; the word `to` may be left out."""
    words = [word for word in args.words if word != "to"]
    services = [word for word in words if word in ctx.world.catalog.services]
    others = [word for word in words if word not in services]
    if len(services) > 1 or len(others) > 1:
        raise Refused("One service and one release at a time: `/rollback production backend to 1.2.0`.")
    if others and not services and (close := _misspelt(others[0], ctx)):
        raise Refused(f"There is no service “{others[0]}”. Did you mean `/rollback {args.environment} {close}`?")
    return (services[0] if services else None, others[0] if others else None)


def _misspelt(word: str, ctx: Context) -> str | None:
    """Return the service that a word without a digit may have meant: with one it is a version, a commit, a number."""
    spelt = not any(letter.isdigit() for letter in word)
    return nearest(word, ctx.world.catalog.services) if spelt else None


async def _ask(
    ctx: Context, environment: str, service: str | None, to: str | None, *, said: Said | None = None
) -> Answer:
    world = ctx.world
    world.catalog.environment(environment)
    await world.require(ctx.person, world.catalog.rollers_back(environment), f"roll back {environment}")
    targets = [Target(service, environment)] if service else list(world.catalog.targets(environment))
    for target in targets:
        world.catalog.target(target)
    offered = [await rollbacks.offer(world, target) for target in targets]
    if not any(one.good for one in offered):
        what = targets[0] if service else environment
        raise Refused(f"There is no other good release that {what} could go back to.")
    chosen = _chosen(offered, to) if to is not None else None
    return Open(forms.rollback(environment, offered, to=chosen, now=world.clock.now(), channel=ctx.channel, said=said))


def _chosen(offered: Sequence[Offer], word: str) -> Release:
    """Return the release that a word means, for the window to begin with."""
    fitting = [one for one in offered if meant(word, [release for release, _ in one.good])]
    environment = offered[0].target.environment
    if len(fitting) > 1:
        services = " and ".join(one.target.service for one in fitting)
        example = f"`/rollback {environment} {fitting[0].target.service} to {word}`"
        raise Refused(f"“{word}” could be a release of {services}: say which, for example {example}.")
    if not fitting and len(offered) > 1:
        raise Refused(f"Nothing in {environment} can go back to “{word}”: it was not good there, is live, or held off.")
    return rollbacks.choose((fitting or offered)[0], word)


async def press(change_id: int, ctx: Context) -> Answer:
    """Open the modal for what a change has brought, as far as that is what serves."""
    change = await decisions.peek(ctx.world, change_id)
    services = await serving.of(ctx.world, change)
    return await _ask(ctx, change.environment, services[0] if len(services) == 1 else None, None)


async def submit(sent: Submission, ctx: Context) -> Answer:
    """Take the modal as if it had been typed, about what the person saw when it was opened."""
    try:
        wish = _wish(sent)
        await rollbacks.check(ctx.world, ctx.person, wish)
    except Refused as no:
        return Wrong({"reason": str(no)})
    if forms.CROSSES in str(sent.values["to"]).split() and not wish.across_migration:
        return Wrong({"to": forms.UNTICKED})
    await ctx.ask("rollback", wish)
    return None


def _wish(sent: Submission) -> Rollback:
    """Read the modal. The choice names its service, the release, and what is to be left: `backend #12 9.4.5.11`.

    A choice that crosses an irreversible migration says so in one more word.
    """
    service, number, left, *_ = [*str(sent.values["to"]).split(" "), "", ""]
    return Rollback(
        environment=sent.about,
        service=service,
        to=f"#{number.removeprefix('#')}",
        trigger=str(sent.values["trigger"]),
        reason=str(sent.values.get("reason") or ""),
        left=Glance.read(left) if left else None,
        across_migration=bool(sent.values.get("across")),
    )


COMMAND = Command(
    "rollback",
    "Go back to a release that was good, and keep the faulty one away",
    Args,
    run,
    examples=("rollback production", "rollback staging backend to 1.2.0 --trigger bug --reason logins fail"),
)
BUTTONS = [Button("rollback", press)]
FORMS = [Form("rollback", submit)]
