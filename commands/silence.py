"""`/silence 7 2h`: what fires calls nobody for a time; a window asks for what is not said. Extend makes it longer."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.command import LARGEST_NUMBER, Answer, Button, Command, Context, Form, Open, Submission, Wrong
from bot.domain import duration
from bot.domain.errors import Refused
from bot.domain.silence import Silence
from bot.usecases import silencing
from bot.usecases.silencing import Wish
from bot.views import silences as view
from bot.views.kit import Message, code, moment
from bot.words import Option

_WEEKS = re.compile(r"(\d{1,2})w")
HOUR = timedelta(hours=1)


class Args(BaseModel):
    """The alert group, for how long, and by which labels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: int = Field(ge=1, le=LARGEST_NUMBER)
    words: tuple[str, ...] = Field((), title="[how long] [label=value …]")
    reason: Annotated[str, Option("why")] = Field("", max_length=500)


async def run(args: Args, ctx: Context) -> Answer:
    """Silence it, when it is said for how long; else ask."""
    lengths = [word for word in args.words if "=" not in word]
    if len(lengths) > 1:
        raise Refused("One length at a time, and labels as label=value: `/silence 7 2h service=backend`.")
    if not lengths:
        return await _ask(args.group, ctx)
    labels = dict(word.split("=", 1) for word in args.words if "=" in word)
    wish = Wish(args.group, _length(lengths[0]), labels=labels or None, reason=args.reason)
    return _said(await silencing.ask(ctx.world, wish, by=ctx.person))


def _length(word: str) -> timedelta | None:
    """Return how long a word means; None for: until work begins."""
    if word in {view.WORK, "working-hours"}:
        return None
    if word in view.LENGTHS:
        return view.LENGTHS[word][1]
    weeks = _WEEKS.fullmatch(word)
    try:
        return timedelta(weeks=int(weeks[1])) if weeks else duration.parse(word)
    except ValueError as error:
        raise Refused(
            f"“{word}” is not how long: say for example 30m, 2h, 3d, 1w, or `work` for the next hours."
        ) from error


async def _ask(group_id: int, ctx: Context) -> Answer:
    await ctx.world.require(ctx.person, ctx.world.catalog.acknowledgers(), "silence alerts")
    group, alerts = await silencing.peek(ctx.world, group_id)
    return Open(view.asking(group, alerts, channel=ctx.channel))


def _said(silence: Silence) -> Message:
    what = " ".join(code(one.words) for one in silence.matchers)
    return Message(
        f"Silence {silence.id} of {what} is being made, until {moment(silence.ends_at)}; the card says when it is."
    )


async def submit(sent: Submission, ctx: Context) -> Answer:
    """Take the window; what is wrong is said in it."""
    chosen = sent.values.get("labels") or ()
    what, pairs = str(sent.values["what"]), [str(one).split("=", 1) for one in chosen]
    if what == view.LABELS and len({name for name, _ in pairs}) < len(pairs):
        return Wrong({"labels": "Nothing has two values of one label: choose one of each."})
    if what == view.LABELS and not pairs:
        return Wrong({"labels": "Choose labels, or say above that all of it is to be silent."})
    length = str(sent.values["length"])
    wish = Wish(
        sent.number,
        None if length == view.WORK else view.LENGTHS[length][1],
        alert=what.removeprefix(view.ALERT) if what.startswith(view.ALERT) else None,
        labels=dict(pairs) if what == view.LABELS else None,
        reason=str(sent.values.get("reason") or ""),
    )
    try:
        await silencing.ask(ctx.world, wish, by=ctx.person)
    except Refused as no:
        return Wrong({"what": str(no)})
    return None


async def extend(silence: int, ctx: Context) -> Answer:
    """Have it last an hour longer."""
    await silencing.extend(ctx.world, silence, by=ctx.person, length=HOUR)
    return None


async def prolong(silence: int, ctx: Context) -> Answer:
    """Ask for how much longer."""
    return Open(view.prolonging(await silencing.held(ctx.world, silence), channel=ctx.channel))


async def prolonged(sent: Submission, ctx: Context) -> Answer:
    """Have it last so much longer."""
    length = str(sent.values["length"])
    try:
        chosen = None if length == view.WORK else view.LENGTHS[length][1]
        await silencing.extend(ctx.world, sent.number, by=ctx.person, length=chosen)
    except Refused as no:
        return Wrong({"length": str(no)})
    return None


COMMAND = Command(
    "silence",
    "Have what fires call nobody for a time",
    Args,
    run,
    examples=("silence 7", "silence 7 2h", "silence 7 work service=backend --reason we know"),
)
BUTTONS = [Button("silence", _ask), Button("extend", extend), Button("prolong", prolong)]
FORMS = [Form("silence", submit), Form("prolong", prolonged)]
