"""What is told of rotations: hand-offs, holes, overrides; and the digest of a morning. No phone number is in any."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.alertgroup import Group, State
from bot.domain.rota import Stretch
from bot.views.alerts import SIGNS
from bot.views.kit import (
    Block,
    Message,
    actions,
    button,
    code,
    context,
    fitted,
    link,
    moment,
    outside,
    paragraphs,
    section,
    spoken,
)

MOST_GROUPS, MOST_HOLES = 10, 8


@dataclass(frozen=True, slots=True)
class GroupLine:
    """An alert group on one line: what it is called, who is at it (their name), and where its card is."""

    group: Group
    name: str
    at_it: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class HandOff:
    """A rotation that has changed hands. `calls` is mark-up that mentions who has it now; `name` and `before` names."""

    rotation: str
    until: datetime
    calls: Sequence[str]
    name: str | None
    before: str | None
    absent: str | None = None
    groups: Sequence[GroupLine] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Holes:
    """When nobody is on call in a week, and mark-up that mentions who can mend it."""

    rotation: str
    week: datetime
    holes: Sequence[Stretch]
    calls: Sequence[str]
    instead: str


@dataclass(frozen=True, slots=True)
class Part:
    """One half of a swap, or an override: who has the time, by name and id."""

    person: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Overriding:
    """An override, or both halves of a swap; `undone_by` is a name."""

    number: int
    rotation: str
    parts: Sequence[Part]
    by: str
    names: Mapping[str, str] = field(default_factory=dict)
    undone_by: str | None = None
    over: bool = False


def handoff(shown: HandOff) -> Message:
    """Return the message that tells who has it now, and what is open. It calls them, once."""
    who = f"Nobody is on call for *{outside(shown.rotation)}*" if shown.name is None else _handed(shown)
    called = f"{' '.join(shown.calls)}{', alerts come to you' if shown.name is None and shown.calls else ''}"
    lines = [f"{who} until {moment(shown.until)}."]
    if shown.absent:
        lines.append(f"{outside(shown.absent)} would be, and has no account in this Slack.")
    if shown.name is None:
        lines.append(f"{code(f'/oncall override {shown.rotation} @somebody now for 8h')} puts somebody on.")
    open_ones = [_group(one) for one in shown.groups] or ["Nothing is open."]
    more = [f"… and {shown.more} more; `/oncall` does not list them, the channel does."] if shown.more else []
    words: list[Block] = [section("\n".join(lines)), *paragraphs(["*Open alert groups*", *open_ones, *more])]
    return Message(spoken(words), fitted([words[0], *([section(called)] if called else []), *words[1:]]))


def _handed(shown: HandOff) -> str:
    before = f", after {outside(shown.before)}" if shown.before else ""
    return f"*{outside(shown.name or '')}* is on call for *{outside(shown.rotation)}*{before},"


def _group(one: GroupLine) -> str:
    group = one.group
    name = link(one.url, outside(one.name))
    if group.state is State.RESOLVED:
        return f"✅ {name} is resolved"
    since = f" since {moment(group.opened_at)}" if group.opened_at else ""
    whose = f"{outside(one.at_it)} is at it" if group.acked_by else "nobody is at it"
    return f"{SIGNS[group.severity]} {name} · {group.severity.word}{since} · {whose}"


def hole(shown: Holes) -> Message:
    """Return the message that tells of holes to those who can mend them; when all are filled it says so."""
    name = outside(shown.rotation)
    if not shown.holes:
        words = section(f"✅ Somebody is on call for *{name}* at all times in the week of {_day(shown.week)}.")
        return Message(spoken([words]), fitted([words]))
    times = [f"{moment(one.start)} to {moment(one.end)}" for one in shown.holes[:MOST_HOLES]]
    more = len(shown.holes) - MOST_HOLES
    times += [f"… and {more} more"] if more > 0 else []
    head = section(f"⚠ Nobody is on call for *{name}* at some times in the week of {_day(shown.week)}:")
    foot = context(
        f"Alerts go to {outside(shown.instead) or 'nobody'} then. "
        f"{code(f'/oncall override {shown.rotation} @somebody <from> until <until>')} fills it, or the catalog does."
    )
    words_ = [head, *paragraphs(times), foot]
    calls = [section(" ".join(shown.calls))] if shown.calls else []
    return Message(spoken(words_), fitted([*calls, *words_]))


def _day(at: datetime) -> str:
    return moment(at, "{date_short_pretty}")


def override(shown: Overriding) -> Message:
    """Return the message that tells who takes over; it calls who has to know, until it is taken back."""
    done = shown.undone_by is not None or shown.over
    lines = [_part(shown, one, called=not done) for one in shown.parts]
    swap = " (a swap)" if len(shown.parts) > 1 else ""
    head = f"*{outside(shown.rotation)}*{swap}, said {outside(shown.by)}"
    if shown.undone_by is not None:
        lines = [f"~{line}~" for line in lines] + [f"Taken back by {outside(shown.undone_by)}."]
    spoken_ = [section("\n".join([head, *(_part(shown, one, called=False) for one in shown.parts)]))]
    shown_: list[Block] = [section("\n".join([head, *lines]))]
    return Message(
        spoken(spoken_), fitted([*shown_, *actions([] if done else [button("take_back", "Take back", shown.number)])])
    )


def _part(shown: Overriding, one: Part, *, called: bool) -> str:
    name = f"<@{one.person}>" if called else outside(shown.names.get(one.person, one.person))
    return f"{name} is on call {moment(one.start)} to {moment(one.end)}"


def digest(lines: Sequence[GroupLine], *, more: int = 0) -> Message:
    """Return what came while somebody was left in peace."""
    still = sum(one.group.state is not State.RESOLVED for one in lines)
    head = section(f"☀ While you were left in peace: {len(lines) + more} alert groups, {still} of these still open.")
    blocks = [head, *paragraphs([_group(one) for one in lines]), *([context(f"… and {more} more")] if more else [])]
    return Message(spoken(blocks), fitted(blocks))
