"""The card of an alert group: what is wrong, how bad, since when, and who is at it. Read on a phone, at night."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.alert import Alert, Severity
from bot.domain.alertgroup import Group, State
from bot.views.kit import (
    Block,
    Message,
    actions,
    button,
    code,
    context,
    fitted,
    moment,
    outside,
    section,
    spoken,
    toolbar,
)

SIGNS = {Severity.CRITICAL: "🔴", Severity.HIGH: "🟠", Severity.MEDIUM: "🟡", Severity.LOW: "🔵"}
_PERSON = re.compile(r"[UW][A-Z0-9]{2,}")  # who acknowledged elsewhere may have no account in Slack
MOST_ALERTS, MOST_LABELS, MOST_WORDS = 8, 6, 300
DULL = frozenset({"alertname", "severity", "prometheus", "job", "endpoint", "container", "pod_template_hash"})
LINKS = {"runbook_url": "runbook", "dashboard_url": "dashboard"}


@dataclass(frozen=True, slots=True)
class GroupPicture:
    """A group with its alerts, as the ledger held them at one moment; `calls` is mark-up that mentions teams.

    `lines` and `buttons` are what the card's other parts say of it.
    """

    group: Group
    alerts: Sequence[Alert]
    name: str = ""  # of who acknowledged, or closed it
    calls: Sequence[str] = field(default_factory=tuple)
    lines: Sequence[Block] = field(default_factory=tuple)
    buttons: Sequence[Block] = field(default_factory=tuple)

    @property
    def firing(self) -> list[Alert]:
        """Those that fire, the worst first, then those that began first."""
        return sorted((one for one in self.alerts if one.firing), key=lambda one: (-one.severity, one.starts_at))

    @property
    def title(self) -> str:
        """What they are called, all of them."""
        names = list(dict.fromkeys(one.name for one in [*self.firing, *self.alerts]))
        return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "") if names else "Alerts"

    @property
    def since(self) -> datetime | None:
        """Since when anything of it has fired."""
        return min((one.starts_at for one in self.firing or self.alerts), default=None)


def live(picture: GroupPicture) -> Message:
    """Return the card that follows a group from its first alert to its end."""
    several, over = len(picture.firing) > 1, picture.group.state is State.RESOLVED
    shared = picture.group.labels if several or over else {}
    alerts = [_alert(one, shared) for one in picture.firing[:MOST_ALERTS]]
    blocks = [section(_head(picture)), context(_counts(picture)), *_labels(shared), *alerts]
    left = len(picture.firing) - MOST_ALERTS
    if left > 0:
        blocks.append(context(f"… and {left} more that fire"))
    blocks += [*picture.lines, *([context(said)] if (said := _whose(picture)) else [])]
    calls = [section(" ".join(picture.calls))] if picture.calls and picture.group.state is State.FIRING else []
    return Message(
        spoken(blocks),
        fitted([*blocks[:1], *calls, *blocks[1:], *toolbar(_row(picture))]),
    )


def call(picture: GroupPicture) -> Message:
    """Return the message in the thread that calls people once more: something worse has joined, or it is back."""
    said = section(f"{_head(picture)}\n{' '.join(picture.calls)}")
    return Message(spoken([section(_head(picture))]), fitted([said]))


def still(picture: GroupPicture) -> Message:
    """Return the question in the thread whether somebody is still at it; it calls them."""
    group = picture.group
    if group.state is not State.ACKNOWLEDGED or group.acked_by is None:
        return Message("Answered.", [context("Answered.")])
    called = f"<@{group.acked_by}>" if _PERSON.fullmatch(group.acked_by) else f"*{outside(picture.name)}*"
    asked = section(f"{called}, are you still at it? Without an answer it is open for others again.")
    said = f"{outside(picture.name)}, are you still at it?"
    return Message(said, fitted([asked, *actions(_buttons(group))]))


def assigned(picture: GroupPicture, to: str, names: Mapping[str, str], by: str) -> Message:
    """Return the message in the thread that somebody has been given it; it calls them, while it is theirs."""
    giver, name, what = outside(names[by]), outside(names[to]), outside(picture.title)
    theirs = picture.group.acked_by == to
    words = f"<@{to}>, *{giver}* has given you *{what}*." if theirs else f"*{giver}* gave *{what}* to {name}."
    return Message(f"{giver} has given {what} to {name}.", fitted([section(words)]))


def _head(picture: GroupPicture) -> str:
    group = picture.group
    name = outside(picture.title)
    if group.state is State.RESOLVED:
        return f"✅ *{name}* is resolved"
    sign = SIGNS[group.severity]
    return f"{sign} *{name}* · {group.severity.word}"


def _counts(picture: GroupPicture) -> str:
    firing, quiet = len(picture.firing), len(picture.alerts) - len(picture.firing)
    parts = [f"{firing} firing"] if firing else []
    parts += [f"{quiet} resolved"] if quiet else []
    parts += [f"{picture.group.missing} more that the monitor did not name"] if picture.group.missing else []
    parts += [f"since {moment(picture.since)}"] if picture.since else []
    parts += [f"until {moment(picture.group.resolved_at)}"] if picture.group.resolved_at else []
    return " · ".join(one for one in [*parts, f"group {picture.group.id}", _link(picture.group.link, "monitor")] if one)


def _labels(labels: Mapping[str, str]) -> list[Block]:
    """Return the labels that all of them have, once."""
    shown = _told(labels)
    return [context(shown)] if shown else []


def _told(labels: Mapping[str, str]) -> str:
    shown = [(name, value) for name, value in sorted(labels.items()) if name not in DULL][:MOST_LABELS]
    return " ".join(code(f"{name}={value}") for name, value in shown)


def _alert(alert: Alert, shared: Mapping[str, str]) -> Block:
    """Return an alert: what it says, what tells it from the others, and where one reads on."""
    said = alert.annotations.get("summary") or alert.annotations.get("description") or alert.name
    own = _told({name: value for name, value in alert.labels.items() if shared.get(name) != value})
    lines = [outside(said, MOST_WORDS), *([own] if own else [])]
    links = [_link(alert.annotations.get(name, ""), words) for name, words in LINKS.items()]
    more = " · ".join(one for one in [*links, _link(alert.source, "expression")] if one)
    return section("\n".join([*lines, *([more] if more else [])]))


def _link(url: str, words: str) -> str:
    """Return a link to where a monitor's words lead, if that is on the web and holds nothing that ends the link."""
    safe = url.startswith(("http://", "https://")) and not any(mark in url for mark in "<>|") and len(url) <= MOST_WORDS
    return f"<{url.replace('&', '&amp;')}|{words}>" if safe else ""


def _whose(picture: GroupPicture) -> str:
    group = picture.group
    if group.state is State.ACKNOWLEDGED and group.acked_at and group.acked_until:
        asked = f"asked again {moment(group.acked_until)}"
        return f"*{outside(picture.name)}* is at it since {moment(group.acked_at)} · {asked}"
    if group.state is State.RESOLVED:
        said = f"*{outside(picture.name)}* says that it is over: {outside(group.closed_why or '', MOST_WORDS)}"
        return said if group.closed_by else ""
    return "Nobody has said that they are at it."


def _row(picture: GroupPicture) -> list[Block]:
    """Return all buttons; to say that one is still at it comes last, for one is asked when it is time."""
    own = _buttons(picture.group)
    return [*own[:1], *picture.buttons, *own[1:]]


def _buttons(group: Group) -> list[Block]:
    match group.state:
        case State.FIRING:
            return [button("ack", "Acknowledge", group.id, style="primary")]
        case State.ACKNOWLEDGED:
            return [button("unack", "I am no longer at it", group.id), button("ack", "Still at it", group.id)]
        case State.RESOLVED:
            return []
