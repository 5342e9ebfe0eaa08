"""`/incident-report post-mortem alert 7`: have a report written about an alert group or a change, and fill it in."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from bot.command import LARGEST_NUMBER, Answer, Button, Command, Context, Form, Open, Submission, Wrong
from bot.domain.errors import Refused
from bot.domain.report import FIRST
from bot.ledger import alertgroups, changes
from bot.usecases import reporting
from bot.usecases.reporting import Wanted
from bot.views import reports as view
from bot.views.kit import Message

NOUNS = {"alert": "alertgroup", "alertgroup": "alertgroup", "group": "alertgroup", "change": "change"}
USAGE = "For example `/incident-report alert 7`, or `/incident-report post-mortem change 42`."


class Args(BaseModel):
    """The template, and what it is about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: tuple[str, ...] = Field((), title="[template] [alert <group> | change <number>]")


async def run(args: Args, ctx: Context) -> Answer:
    """Take the wish; without a word of the template it is an incident report."""
    template, subject = read(args.words)
    await _take(ctx, Wanted(template=template or FIRST, subject=subject))
    return Message("It is being written, and will be told here.")


def read(words: Sequence[str]) -> tuple[str | None, str]:
    """Tell the template from what it is about, in whichever order they are said; `Refused` says what is missing."""
    template: str | None = None
    subject: str | None = None
    left = [part for word in words for part in word.lower().split(":")]
    while left:
        word = left.pop(0)
        if word in NOUNS:
            subject = f"{NOUNS[word]}:{_number(word, left)}"
        elif template is None:
            template = word
        else:
            raise Refused(f"I do not know what “{word}” means here. {USAGE}")
    if subject is None:
        raise Refused(f"Say what it is about: an alert group or a change, by its number. {USAGE}")
    return template, subject


def _number(word: str, left: list[str]) -> int:
    said = left.pop(0).lstrip("#") if left else ""
    if not (said.isascii() and said.isdecimal()) or not 0 < int(said[:20]) <= LARGEST_NUMBER:
        raise Refused(f"Say which {word}, by its number{f'; “{said}” is none' if said else ''}. {USAGE}")
    return int(said)


async def _take(ctx: Context, wish: Wanted) -> None:
    await reporting.check(ctx.world, ctx.person, wish)
    await ctx.ask("incident-report", wish)


async def of_group(group: int, ctx: Context) -> Answer:
    """Ask which report is to be written about an alert group."""
    return await _window(alertgroups.subject(group), ctx)


async def of_change(change: int, ctx: Context) -> Answer:
    """Ask which report is to be written about a change."""
    return await _window(changes.subject(change), ctx)


async def _window(subject: str, ctx: Context) -> Answer:
    await reporting.check(ctx.world, ctx.person, Wanted(template=FIRST, subject=subject))
    return Open(view.ask(reporting.known(ctx.world), subject, channel=ctx.channel))


async def submit(sent: Submission, ctx: Context) -> Answer:
    """Take the window as if it had been typed."""
    try:
        await _take(ctx, Wanted(template=str(sent.values["template"]), subject=sent.about))
    except Refused as no:
        return Wrong({"template": str(no)})
    return None


async def fill_in(report: int, ctx: Context) -> Answer:
    """Open the window with what a report asks."""
    found, standing = await reporting.to_fill_in(ctx.world, report)
    await reporting.may_write(ctx.world, ctx.person)
    return Open(view.fill_in(found, standing, channel=ctx.channel))


async def keep(sent: Submission, ctx: Context) -> Answer:
    """Keep what was filled in; the card shows it."""
    numbers = [int(word) for word in sent.about.split() if word.isascii() and word.isdecimal() and len(word) < 19]  # noqa: PLR2004 - digits of a bigint
    if not numbers:
        raise Refused("That is about nothing I know; it may be from another time.")
    said = {name: str(value or "") for name, value in sent.values.items()}
    await reporting.answer(ctx.world, numbers[0], said, frozenset(numbers[1:]), by=ctx.person)
    return None


COMMAND = Command(
    "incident-report",
    "Have a report written about an alert or a change",
    Args,
    run,
    examples=("incident-report alert 7", "incident-report post-mortem change 42"),
)
BUTTONS = [
    Button("incident_report", of_group),
    Button("incident_report_of_change", of_change),
    Button("fill_in", fill_in),
]
FORMS = [Form("incident_report", submit), Form("fill_in", keep)]
