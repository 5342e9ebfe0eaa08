"""`/oncall`: who is on call now and next; `override`, `swap` and `undo` change it, `contacts` is the table."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from bot.catalog import nearest
from bot.command import LARGEST_NUMBER, Answer, Button, Command, Context
from bot.domain import ahead
from bot.domain.errors import GaveUp, Refused, Retry
from bot.domain.rota import Span
from bot.usecases import onduty, overriding
from bot.usecases.calledby import person_called
from bot.usecases.overriding import Laid
from bot.views import oncall as view
from bot.views.kit import Message, context, moment, outside, said, section

OVERRIDE = "`/oncall override <rotation> <person> <from> until <time>`, or `… for 4h`"
SWAP = "`/oncall swap <rotation> <person> [with <person>] [from <time>]`"
UNDO = "`/oncall undo <number>`"
WORDS = ("override", "swap", "undo", "contacts")
_END = re.compile(r"(?:^|\s)(until|till|to|for)\s+(.+)$")
_UNITS = re.compile(r"(\d+)\s*(weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m)(?![a-z])\s*(?:,|and\b)?")


class Args(BaseModel):
    """A rotation, or what is to be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: tuple[str, ...] = Field((), title="[rotation | override … | swap … | undo … | contacts]")


async def run(args: Args, ctx: Context) -> Answer:
    """Show who is on call, or change it."""
    word, *rest = args.words or ("",)
    match word.lower():
        case "":
            return view.board(await onduty.look(ctx.world, ctx.person))
        case "override":
            return await _override(rest, ctx)
        case "swap":
            return await _swap(rest, ctx)
        case "undo":
            return await _undo(rest, ctx)
        case "contacts":
            people = await onduty.contacts(ctx.world, ctx.person)
            return view.contacts(list(people.values()), phones=await onduty.sees_phones(ctx.world, ctx.person))
        case _:
            return await _rotation(word, rest, ctx)


async def _rotation(word: str, rest: list[str], ctx: Context) -> Answer:
    rotations = ctx.world.catalog.duty.rotations
    if word not in rotations and (close := nearest(word, [*rotations, *WORDS])) in WORDS:
        raise Refused(f"I do not know “{word}” here. Did you mean `/oncall {close}`?")
    if rest:
        raise Refused(f"I do not know what “{rest[0]}” means here. Say {OVERRIDE}.")
    board = await onduty.look(ctx.world, ctx.person, word)
    return view.rotation(board.lines[0], board)


async def _override(words: list[str], ctx: Context) -> Answer:
    """`<rotation> <person> <from> until <time>`, or `for 4h`."""
    if len(words) < 2:  # noqa: PLR2004 - a rotation and a person
        raise Refused(f"Say for which rotation, whom, from when and until when: {OVERRIDE}.")
    rotation, person, *when = words
    ctx.world.catalog.rotation(rotation)
    whom = await person_called(ctx.world, person, by=ctx.person)
    start, end = await _span(" ".join(when), ctx)
    laid = await overriding.override(ctx.world, rotation, Span(start, end, whom), by=ctx.person)
    return await _told(laid, ctx)


async def _span(text: str, ctx: Context) -> tuple[datetime, datetime]:
    """Read from when until when, by the speaker's clock; an end without a day is the next after the beginning."""
    found = _END.search(text)
    if found is None:
        raise Refused(f"Say until when, or for how long: {OVERRIDE}.")
    zone, now = await _zone(ctx), ctx.world.clock.now()
    begin = text[: found.start()].strip().removeprefix("from ").strip() or "now"
    start = ahead.read(begin, now=now, zone=zone)
    if found[1] == "for":
        return start, start + _length(found[2])
    return start, ahead.read(found[2], now=start, zone=zone)


def _length(text: str) -> timedelta:
    """Read `4h`, `1 day 2 hours`, `2w`."""
    parts = _UNITS.findall(text)
    if not parts or _UNITS.sub("", text).strip():
        raise Refused(f"“{text}” is not how long; say for example `for 4h`, `for 2 days` or `for 1w`.")
    try:
        return sum((int(number) * _ONE[unit[0]] for number, unit in parts), timedelta())
    except OverflowError as error:
        raise Refused(f"“{text}” is too long; say for example `for 4h` or `for 2 days`.") from error


_ONE = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


async def _swap(words: list[str], ctx: Context) -> Answer:
    """`<rotation> <person> [with <person>] [from <time>]`; without a second person it is you."""
    if len(words) < 2:  # noqa: PLR2004 - a rotation and a person
        raise Refused(f"Say for which rotation, and with whom: {SWAP}.")
    rotation, first, *rest = words
    ctx.world.catalog.rotation(rotation)
    second = "me"
    if rest[:1] == ["with"] and rest[1:]:
        second, rest = rest[1], rest[2:]
    if rest and rest[0] != "from":
        raise Refused(f"I do not know what “{rest[0]}” means here. Say {SWAP}.")
    zone = await _zone(ctx)
    after = ahead.read(" ".join(rest[1:]), now=ctx.world.clock.now(), zone=zone) if rest else None
    two = [await person_called(ctx.world, one, by=ctx.person) for one in (second, first)]
    return await _told(await overriding.swap(ctx.world, rotation, two[0], two[1], by=ctx.person, after=after), ctx)


async def _undo(words: list[str], ctx: Context) -> Answer:
    if len(words) != 1 or not words[0].isdecimal() or int(words[0][:20]) > LARGEST_NUMBER:
        raise Refused(f"Say which one, by its number: {UNDO}. `/oncall <rotation>` lists them.")
    return await take_back(int(words[0]), ctx) or Message(f"Override {words[0]} is taken back.")


async def take_back(number: int, ctx: Context) -> Answer:
    """Take an override back; the card says so."""
    await overriding.take_back(ctx.world, number, by=ctx.person)
    return None


async def _told(laid: Laid, ctx: Context) -> Message:
    """Say what holds now, and what it covers."""
    people = {one.override.person for one in [*laid.made, *laid.under]}
    names = await ctx.world.names(people)
    lines = [
        f"*{outside(names[one.override.person])}* is on call for *{one.rotation}*, {moment(one.override.start)} "
        f"to {moment(one.override.end)} (override {one.override.number})"
        for one in laid.made
    ]
    under = [
        f"It counts more than override {one.override.number} ({outside(names[one.override.person])}, "
        f"{moment(one.override.start)} to {moment(one.override.end)}), because it is newer."
        for one in laid.under
    ]
    back = context(f"`/oncall undo {laid.made[0].override.number}` takes it back.")
    return said([section("\n".join(lines)), *([context("\n".join(under))] if under else []), back])


async def _zone(ctx: Context) -> ZoneInfo:
    contact = ctx.world.catalog.duty.contacts.get(ctx.person)
    try:
        return ZoneInfo((contact and contact.zone) or (await ctx.world.directory.person(ctx.person)).zone)
    except (Retry, GaveUp, KeyError, ValueError):
        return ZoneInfo("UTC")


COMMAND = Command(
    "oncall",
    "Who is on call now and next; overrides and swaps",
    Args,
    run,
    examples=(
        "oncall",
        "oncall platform",
        "oncall override platform @layla tomorrow 18:00 until 22:00",
        "oncall override platform me now for 4h",
        "oncall swap platform @layla",
        "oncall undo 7",
        "oncall contacts",
    ),
)
BUTTONS = [Button("take_back", take_back)]
