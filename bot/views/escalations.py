"""What is said of an escalation: on its group's card who is next, who was told and how that ended; and what is told.

A notification that failed, or got no answer, is told as it is, with what is tried instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.alert import Severity
from bot.domain.alertgroup import Group
from bot.domain.alertgroup import State as GroupState
from bot.domain.escalation import CHANNEL, DM, MENTION, Escalation, Kind, Whom
from bot.domain.escalation import State as Standing
from bot.domain.notification import Notification, State, Verb
from bot.views.alerts import SIGNS
from bot.views.kit import (
    Block,
    Message,
    actions,
    button,
    context,
    fitted,
    link,
    moment,
    outside,
    section,
    spoken,
)

MOST_TOLD = 6
LATE = 120  # seconds after its time, from which on it is said that a step was late
WORDS = 160
NOBODY: Mapping[str, str] = {}
HOW = {MENTION: "in the thread", DM: "by direct message", CHANNEL: "in the channel"}
WHAT = {MENTION: "a mention in the thread", DM: "a direct message", CHANNEL: "the channel", "pagerduty": "PagerDuty"}


@dataclass(frozen=True, slots=True)
class Shown:
    """An escalation with what was told, the newest first; `names` are of the people by their user id."""

    group: Group
    escalation: Escalation | None
    told: Sequence[Notification] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def lines(shown: Shown) -> list[Block]:
    """Return what the group's card says of it, in small print."""
    said = [one for one in (*_told(shown), _next(shown)) if one]
    return [context("\n".join(said))] if said else []


def buttons(group: Group, *, may: bool) -> list[Block]:
    """Return the button that has the next step taken now; `may`: the catalog says whom there is to tell."""
    if group.state is GroupState.RESOLVED or not may:
        return []
    return [button("escalate", "Escalate", group.id)]


def _next(shown: Shown) -> str:
    one = shown.escalation
    if one is None or shown.group.state is GroupState.RESOLVED or one.state is Standing.ENDED:
        return ""
    step, policy = one.coming, outside(one.policy.name)
    if step is None:
        return f"Escalation *{policy}*: everybody in it was told"
    place = f"step {one.step + 1} of {len(one.policy.steps)}" + (f", round {one.round + 1}" if one.round else "")
    whom, when = whom_words(step.whom, shown.names), moment(one.next_at) if one.next_at else ""
    if one.state is Standing.HELD:
        why = " while it is silenced" if one.hushed else ""
        return f"Escalation *{policy}* stands still{why}; {whom} would be next ({place})"
    return f"Escalation *{policy}*: next {whom} {when} ({place})"


def _told(shown: Shown) -> list[str]:
    worth = [one for place, one in enumerate(shown.told) if not _outdone(one, shown.told[:place])]
    newest = worth[:MOST_TOLD]
    left = len(worth) - len(newest)
    made = [_line(one, shown) for one in reversed(newest)]
    return [*([f"… {left} more before"] if left > 0 else []), *made]


def _outdone(one: Notification, later: Sequence[Notification]) -> bool:
    """Whether a way knows more by now than what this told it after the first: that it is over, say."""
    follows = one.verb is not Verb.TELL and one.state is State.DELIVERED
    return follows and any(each.way == one.way and each.verb is not Verb.TELL for each in later)


def _line(one: Notification, shown: Shown) -> str:
    """Say how one thing that was told stands, as it is."""
    whom, way, how = _addressed(one, shown.names), way_words(one.way), by_words(one.way)
    said, at = outside(one.said, WORDS), moment(one.ended_at or one.asked_at or one.made_at) if one.made_at else ""
    if one.verb is not Verb.TELL:
        held = shown.escalation is not None and shown.escalation.hushed
        return _followed(one, way, said, silenced=held)
    late = f" ({spoken_late(one)} late)" if one.late >= LATE else ""
    match one.state:
        case State.DELIVERED:
            who = whom if one.who or one.in_slack else _capital(way)  # PagerDuty knows by itself whom to call
            return f"✓ {who} was told {at}{late}" if who != whom else f"✓ {whom} was told {how} {at}{late}"
        case State.FAILED:
            return f"✗ {_refused(one, whom)}: {said}{_instead(one, shown.escalation)}"
        case State.UNKNOWN:
            instead = _instead(one, shown.escalation)
            return f"? {_capital(way)} was asked to tell {whom}, and gave no answer: {said}{instead}"
        case State.DEFERRED:
            return f"☾ {whom} is left in peace {_until(one.said)}, and told then"
        case State.DROPPED:
            return f"– {whom} was not told {how}: {said or 'it was no longer needed'}"
        case _:
            trouble = f": {said}{_instead(one, shown.escalation)}, and that once more" if one.said else ""
            return f"… {whom} is being told {how}{trouble}"


def _followed(one: Notification, way: str, said: str, *, silenced: bool) -> str:
    what = "it is over"
    if one.verb is Verb.ACKNOWLEDGE:
        what = "it is silenced" if silenced else "somebody is at it"
    match one.state:
        case State.DELIVERED:
            return f"✓ {_capital(way)} knows that {what}"
        case State.FAILED:
            return f"✗ {_capital(way)} could not be told that {what}: {said}"
        case State.UNKNOWN:
            return f"? {_capital(way)} was told that {what}, and gave no answer"
        case _:
            return f"… {_capital(way)} is being told that {what}"


def _refused(one: Notification, whom: str) -> str:
    if one.attempts and not one.in_slack:
        return f"{_capital(way_words(one.way))} refused"
    return f"{_capital(whom)} cannot be told {by_words(one.way)}"


def _instead(one: Notification, escalated: Escalation | None) -> str:
    """Say what is tried instead, as the frozen policy has it."""
    if escalated is None or escalated.id != one.escalation or one.number >= len(escalated.policy.steps):
        return ""
    ways = escalated.policy.steps[one.number].by
    if one.place + 1 < len(ways):
        return f" … trying {way_words(ways[one.place + 1])}"
    return " … the next step is taken" if one.number + 1 < len(escalated.policy.steps) else ""


def _addressed(one: Notification, names: Mapping[str, str]) -> str:
    known = [outside(names.get(person, person)) for person in one.who]
    if one.whom.kind is Kind.ROTATION and known:
        return f"{' and '.join(known[:3])} (on call, {outside(one.whom.name)})"
    if one.whom.kind is Kind.PERSON and known:
        return known[0]
    return whom_words(one.whom, names)


def people(one: Escalation | None, told: Sequence[Notification]) -> list[str]:
    """Return the people whose names the card needs."""
    coming = one.coming if one else None
    named = [coming.whom.name] if coming and coming.whom.kind is Kind.PERSON else []
    return [*named, *(person for each in told[:MOST_TOLD] for person in each.who)]


def whom_words(whom: Whom, names: Mapping[str, str] = NOBODY) -> str:
    """Say whom a step names; nobody is called by it."""
    name = outside(names.get(whom.name, whom.name) if whom.kind is Kind.PERSON else whom.name)
    match whom.kind:
        case Kind.ROTATION:
            return f"whoever is on call ({name})"
        case Kind.TEAM:
            return f"the team {name}"
        case Kind.PERSON:
            return name
        case Kind.CHANNEL:
            return f"#{name}"


def way_words(way: str) -> str:
    """Say what a way is."""
    return WHAT.get(way, outside(way))


def by_words(way: str) -> str:
    """Say by which way."""
    return HOW.get(way, f"by {way_words(way)}")


def spoken_late(one: Notification) -> str:
    """Say how long after its time a step was taken."""
    return f"{one.late // 60} min"


def _until(said: str) -> str:
    try:
        return f"until {moment(datetime.fromisoformat(said.removeprefix('until ')))}"
    except ValueError:
        return "for now"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class Telling:
    """What somebody is told in Slack. `calls` is mark-up that mentions whom it is for, empty when they need not be."""

    group: Group
    title: str
    calls: str = ""
    summary: str = ""
    where: str | None = None
    why: str = ""
    whose: str = ""


def telling(told: Telling) -> Message:
    """Return the message that calls somebody: what it is, why they, and the button that says that they are at it."""
    group = told.group
    over = group.state is GroupState.RESOLVED
    sign = "✅" if over else SIGNS[group.severity]
    head = f"{sign} *{outside(told.title)}* {'is resolved' if over else '· ' + group.severity.word}"
    first = f"{told.calls} {head}" if told.calls else head
    blocks = [section("\n".join(one for one in (first, outside(told.summary, 300) if told.summary else "") if one))]
    small = [one for one in (told.why, told.whose, link(told.where, "the card") if told.where else "") if one]
    blocks += [context(" · ".join(small))] if small else []
    row = [button("ack", "Acknowledge", group.id, style="primary"), button("escalate", "Escalate", group.id)]
    shown = actions(row) if group.state is GroupState.FIRING else []
    return Message(spoken(blocks), fitted([*blocks, *shown]))


def mend(calls: Sequence[str], flaw: str, whom: Whom) -> Message:
    """Return the message to those who can mend what kept somebody from being told."""
    blocks = [
        section(f"{' '.join(calls)} please mend this: {whom_words(whom)} could not be told as it should be.".strip())
    ]
    blocks.append(context(f"{_capital(outside(flaw, 300))}."))
    return Message(spoken(blocks), fitted(blocks))


def moved(calls: Sequence[str], channel: str) -> Message:
    """Return the message to those who can mend that the channel of alerts is gone."""
    name = (
        f"<#{channel}>" if channel[:1] in "CG" and channel.isalnum() and channel.isupper() else f"#{outside(channel)}"
    )
    said = f"{' '.join(calls)} {name} is archived, gone, or closed to me, so these alerts are told here.".strip()
    way_out = (
        "Bring it back and invite me, or name another in the catalog: `channels.alerts`, or the route's `channel`."
    )
    blocks = [section(said), context(way_out)]
    return Message(spoken(blocks), fitted(blocks))


def overdue(calls: Sequence[str], steps: int, since: datetime | None, waiting: int) -> Message:
    """Return the message that escalations are behind their time."""
    parts = []
    if steps and since:
        parts.append(f"{steps} {'step is' if steps == 1 else 'steps are'} overdue, the first since {moment(since)}")
    if waiting:
        parts.append(f"{waiting} {'notification has' if waiting == 1 else 'notifications have'} no outcome yet")
    said = "; ".join(parts) or "everything is on time again"
    blocks = [section(f"⏰ {' '.join(calls)} Escalation: {said}.".replace("  ", " "))]
    blocks.append(context("Look at the bot's log, and at `slipway_escalations_overdue` in `/metrics`."))
    return Message(spoken(blocks), fitted(blocks))


def escalated(group: int, whom: Whom, severity: Severity | None = None) -> Message:
    """Return the answer to who has the next step taken."""
    bad = f" ({severity.word})" if severity else ""
    words = f"Alert group {group}{bad}: {whom_words(whom)} is told now."
    return Message(words, [section(words)])


__all__ = [
    "Shown",
    "Telling",
    "buttons",
    "escalated",
    "lines",
    "mend",
    "moved",
    "overdue",
    "people",
    "telling",
    "way_words",
    "whom_words",
]
