"""`/oncall`: who is on call now and next, where there is a hole, and the table of contacts. It is whispered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.rota import HORIZON, Stretch, Why
from bot.views.kit import Block, Message, code, context, divider, moment, outside, paragraphs, said, section

MOST_SHIFTS, MOST_OVERRIDES, MOST_HOLES = 10, 8, 3
ENDLESS = HORIZON - timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Laid:
    """An override as it is shown; `person` and `by` are ids."""

    number: int
    person: str
    start: datetime
    end: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Import:
    """How it stands with an import: when it was told last, why not since, and whom it names whom nobody knows."""

    told_at: datetime | None
    fault: str = ""
    unknown: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A rotation now: the stretches from now on, the overrides that hold or will, the holes to come.

    `instead` are the names of those who are called in a hole; `absent` is who would be on call and is not in Slack.
    """

    name: str
    shifts: Sequence[Stretch]
    overrides: Sequence[Laid] = ()
    holes: Sequence[Stretch] = ()
    instead: str = ""
    absent: str | None = None
    imported: Import | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """How somebody is reached; a phone number only for those who may see it."""

    role: str
    name: str
    email: str | None = None
    phone: str | None = None
    on_call: bool = True


@dataclass(frozen=True, slots=True)
class Board:
    """All that `/oncall` shows. `reach` is by person."""

    lines: Sequence[Line]
    names: Mapping[str, str] = field(default_factory=dict)
    reach: Mapping[str, Reach] = field(default_factory=dict)


def board(shown: Board) -> Message:
    """Return who is on call now and next, one paragraph for each rotation."""
    blocks: list[Block] = []
    for line in shown.lines:
        now = [*_now(line, shown), *_next(line, shown)]
        blocks += [*([divider()] if blocks else []), section("\n".join(now)), *_warnings(line, shown)]
    return said(
        [*blocks, context(f"{code('/oncall <rotation>')} shows what is to come, {code('/oncall contacts')} all")]
    )


def rotation(line: Line, shown: Board) -> Message:
    """Return a rotation with its next shifts and its overrides."""
    coming = [f"{moment(one.start)}  {_whose(one, shown)}" for one in line.shifts[1:MOST_SHIFTS]]
    laid = [_laid(one, shown) for one in line.overrides[-MOST_OVERRIDES:]]
    blocks = [section("\n".join(_now(line, shown))), *_warnings(line, shown)]
    blocks += paragraphs(["*Next*", *coming]) if coming else []
    blocks += paragraphs(["*Overrides*", *laid]) if laid else []
    return said(
        [*blocks, context(f"{code(f'/oncall override {line.name} @somebody 18:00 until 22:00')} puts somebody on")]
    )


def contacts(people: Sequence[Reach], *, phones: bool) -> Message:
    """Return the table of contacts."""
    lines = ["*Contacts*", *(f"*{outside(one.role)}* · {_reach(one)}{_off(one)}" for one in people)]
    note = [] if phones else [context("Phone numbers are shown to those who are on call or keep the rotations.")]
    return said([*paragraphs(lines), *note])


def _off(one: Reach) -> str:
    return "" if one.on_call else " · not on call"


def _reach(one: Reach) -> str:
    parts = [outside(one.name), one.email and outside(one.email), one.phone and f"☎ {outside(one.phone)}"]
    return " · ".join(part for part in parts if part)


def _now(line: Line, shown: Board) -> list[str]:
    now = line.shifts[0]
    head = f"*{outside(line.name)}* · {_on_call(line, now, shown)}"
    person = now.answer.person
    reach = shown.reach.get(person) if person and line.absent is None else None
    ways = " · ".join(one for one in (reach.email, reach.phone and f"☎ {reach.phone}") if one) if reach else ""
    return [head, *([outside(ways)] if ways else [])]


def _next(line: Line, shown: Board) -> list[str]:
    return [f"Next: {_whose(one, shown)} from {moment(one.start)}" for one in line.shifts[1:2]]


def _on_call(line: Line, now: Stretch, shown: Board) -> str:
    if now.answer.person is None or line.absent is not None:
        return f"⚠ *nobody is on call* {until(now)}; called instead: {outside(line.instead) or 'nobody'}"
    return f"*{_whose(now, shown)}* is on call {until(now)}"


def until(now: Stretch) -> str:
    """Say until when a stretch lasts; further than anybody looks is for good."""
    return "until further notice" if now.end - now.start > ENDLESS else f"until {moment(now.end)}"


def _whose(one: Stretch, shown: Board) -> str:
    if one.answer.person is None:
        return "⚠ nobody"
    name = outside(shown.names.get(one.answer.person, one.answer.person))
    match one.answer.why:
        case Why.OVERRIDE:
            return f"{name} (override {one.answer.override})"
        case Why.HOLIDAY:
            return f"{name} (somebody is away)"
        case _:
            return name


def _laid(one: Laid, shown: Board) -> str:
    by = outside(shown.names.get(one.by, one.by))
    name = outside(shown.names.get(one.person, one.person))
    return f"{code(f'/oncall undo {one.number}')} {name}, {moment(one.start)} to {moment(one.end)}, by {by}"


def _warnings(line: Line, shown: Board) -> list[Block]:
    found = []
    if line.absent is not None:
        name = outside(shown.names.get(line.absent, line.absent))
        found.append(f"{name} would be on call and has no account in this Slack; put somebody else on.")
    later = [one for one in line.holes if one.start > line.shifts[0].start]
    found += [f"Nobody is on call from {moment(one.start)} to {moment(one.end)}." for one in later[:MOST_HOLES]]
    more = len(later) - MOST_HOLES
    found += [f"… and {more} more times in the next weeks."] if more > 0 else []
    if line.imported is not None:
        found += _import(line.imported)
    return [context("\n".join(f"⚠ {one}" for one in found))] if found else []


def _import(imported: Import) -> list[str]:
    found = []
    if imported.fault:
        since = f"; what it said {moment(imported.told_at)} still holds" if imported.told_at else ""
        found.append(f"It cannot be imported: {outside(imported.fault)}{since}.")
    found += [
        f"The import names “{outside(one)}”, and no contact has that name or email; add it to `on_call.contacts`."
        for one in imported.unknown[:MOST_HOLES]
    ]
    return found
