"""`/status`: what needs somebody, what is going on, and what is live where, since when, by whom.

It is read on a phone, by somebody who was woken: what is wrong stands on top, each target is one short line, and where
there are too many for that, they stand side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from bot.domain.change import State as ChangeState
from bot.domain.duration import spoken
from bot.domain.motion import Motion
from bot.domain.operation import State
from bot.domain.standing import Hold, Standing
from bot.views.changes import standing as change_standing
from bot.views.changes import title
from bot.views.kit import Block, Message, code, context, link, moment, outside, paragraphs, said
from bot.views.reasons import brief

FEW_TARGETS = 40  # more than this in several environments stand side by side
ROOM = 8000  # characters for the targets, of some 12,000 that a message holds
MOST_FRESH = 3  # targets that were not looked at since something was done there
MOST_LINES = 12  # of what needs somebody, and of what is going on


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the answer says. `names` are people's names by id, `links` where the cards of changes hang."""

    standings: Sequence[Standing]
    motions: Sequence[Motion]
    now: datetime
    names: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[int, str] = field(default_factory=dict)

    def name(self, person: str | None) -> str:
        """Return a person's name."""
        return outside(self.names.get(person or "", person or "unknown"), 60)

    def card(self, change: int) -> str:
        """Return a change's number, as a link to its card where that is known."""
        return link(self.links.get(change), f"change {change}")

    def ago(self, at: datetime) -> str:
        """Return for how long something has been so, in one unit: there is one line for each target."""
        return spoken(max(self.now - at, timedelta())).split()[0]


def board(seen: Board) -> Message:
    """Return what needs somebody, what is going on, and every environment with its targets."""
    return said(
        [
            *_listed("Needs somebody", _needs(seen)),
            *_listed("Going on", [_open(seen, one) for one in seen.motions if not (one.lost or one.held)]),
            *_targets(seen),
            context(_looked(seen)),
        ]
    )


def _listed(head: str, lines: Sequence[str]) -> list[Block]:
    more = len(lines) - MOST_LINES
    shown = [*lines[:MOST_LINES], *([f"… and {more} more"] if more > 0 else [])]
    return paragraphs([f"*{head}*", *shown]) if lines else []


# --- what needs somebody ----------------------------------------------------------------------------------------------


def _needs(seen: Board) -> list[str]:
    """Return what is unknown first, then what waits for a word, what failed and serves, and what is not what it was."""
    unknown = [_unknown(seen, one) for one in seen.motions if one.lost]
    held = [
        f"⚠️ {seen.card(one.change.id)} · {title(one.change)}: failed in part; the rest waits for a word on its card"
        for one in seen.motions
        if one.held and not one.lost
    ]
    left = [_left(seen, one) for one in seen.standings if one.failed and one.holder is None]
    return [*unknown, *held, *left, *(_drift(one) for one in seen.standings if one.drift is not None)]


def _unknown(seen: Board, one: Motion) -> str:
    op = one.lost
    assert op is not None  # noqa: S101 - who calls this has looked
    who = f"{seen.card(one.change.id)} by {seen.name(one.change.asked_by)}"
    deed = "bringing" if op.kind.brings else "restarting"
    return (
        f"❓ *{outside(str(op.target))}* is unknown: {who} was {deed} {code(one.version(op))}; "
        f"{outside(brief(op.reason), 200)}. Look there, and settle it on its card."
    )


def _left(seen: Board, one: Standing) -> str:
    op, version = one.brought, one.release.version if one.release else ""
    assert op is not None  # noqa: S101 - it was left by one
    deed = "which failed and was left running" if not op.going_back else "after a way back that failed, too"
    return (
        f"❌ *{outside(str(one.target))}* runs {code(version)}, {deed} ({seen.card(op.change_id)}): "
        f"{outside(brief(op.reason), 200)}"
    )


def _drift(one: Standing) -> str:
    put = code(one.release.version) if one.release else "nothing"
    return f"⚠️ *{outside(str(one.target))}* drifts: {put} was put there; {outside(one.drift or '', 200)}"


# --- what is going on -------------------------------------------------------------------------------------------------


def _open(seen: Board, one: Motion) -> str:
    change = one.change
    sign, words = change_standing(change)
    if one.behind is not None:
        sign, words = "⏳", f"in line after {seen.card(one.behind)}"
    elif one.at is not None:
        step = f", {outside(one.step.name, 40)}" if one.step else ""
        since = f" {seen.ago(one.step.started_at)}" if one.step and one.step.started_at else ""
        words = f"{outside(one.at.target.service)} {code(one.version(one.at))}{step}{since}"
    elif change.state is ChangeState.WAITING:
        until = f" until {moment(change.expires_at, '{time}')}" if change.expires_at else ""
        words = f"has {len(change.approved_by)} of {change.approvals_needed} approvals{until}"
    elif change.state is ChangeState.BLOCKED:
        words = f"blocked: {outside(change.words, 150)}"
    return f"{sign} {seen.card(change.id)} · {title(change)} · {words} · {seen.name(change.asked_by)}"


# --- what is live -----------------------------------------------------------------------------------------------------


def _targets(seen: Board) -> list[Block]:
    """Return the targets by environment, a line each, or side by side where that would be too long to read."""
    places = [(name, list(here)) for name, here in groupby(seen.standings, key=lambda one: one.target.environment)]
    full = [(name, _lines(seen, here)) for name, here in places]
    long = sum(len(line) for _, lines in full for line in lines) > ROOM
    if not long and (len(seen.standings) <= FEW_TARGETS or len(places) == 1):
        return [block for name, lines in full for block in paragraphs([f"*{outside(name)}*", *lines])]
    short = [block for name, here in places for block in paragraphs([f"*{outside(name)}*", *_side_by_side(here)])]
    more = "" if len(places) == 1 else f" `/status {places[0][0]}` says since when, and by whom."
    return [*short, context(f"There are too many targets to say everything of each.{more}")]


def _lines(seen: Board, here: Sequence[Standing]) -> list[str]:
    lines = [line for one in here if one.release or one.held or one.holder for line in _target(seen, one)]
    empty = [outside(one.target.service, 40) for one in here if not (one.release or one.held or one.holder)]
    return [*lines, *([f"nothing yet: {', '.join(empty)}"] if empty else [])]


def _target(seen: Board, one: Standing) -> list[str]:
    """Return a target in a line, and one more for each release that is held off it."""
    line = f"{_mark(one)}{outside(one.target.service, 40)} "
    lost = one.holder is not None and one.holder.state is State.UNKNOWN
    line += _lost(one) if lost else code(one.release.version) if one.release else "nothing yet"
    if one.live is not None and one.live.since is not None and not lost:
        line += f" · {seen.ago(one.live.since)} · {seen.name(one.live.by)}"
    if one.holder is not None:
        line += f" · {seen.card(one.holder.change_id)} is at it"
    return [line, *(_held(seen, hold, release.version) for hold, release in one.held)]


def _lost(one: Standing) -> str:
    """Say what ran there before what is unknown: what the ledger takes to be live may be that very thing."""
    return f"unknown; before {code(one.found.version) if one.found else 'nothing'}"


def _mark(one: Standing) -> str:
    if one.holder is not None:
        return "❓ " if one.holder.state is State.UNKNOWN else "🔵 "
    return "❌ " if one.failed else "⚠️ " if one.drift is not None else ""


def _held(seen: Board, hold: Hold, version: str) -> str:
    by = "automatically" if hold.by == "engine" else f"by {seen.name(hold.by)}"
    return f"⛔ {code(version)} held off {seen.ago(hold.at)} ago {by}: {outside(brief(hold.reason), 150)}"


def _side_by_side(here: Sequence[Standing]) -> list[str]:
    """Return targets that are as they should be in one line, and the others in lines of their own."""
    well = [one for one in here if one.release and not (_mark(one) or one.held)]
    others = [one for one in here if _mark(one) or one.held]
    shown = [f"{outside(one.target.service, 40)} {code(one.release.version, 30)}" for one in well if one.release]
    rows = [" · ".join(shown[start : start + 20]) for start in range(0, len(shown), 20)]
    odd = [_short(one) for one in others]
    empty = sum(1 for one in here if not (one.release or _mark(one) or one.held))
    return [*odd, *rows, *([f"nothing yet: {empty} more"] if empty else [])]


def _short(one: Standing) -> str:
    lost = one.holder is not None and one.holder.state is State.UNKNOWN
    version = _lost(one) if lost else code(one.release.version, 30) if one.release else "nothing yet"
    off = ", ".join(code(release.version, 30) for _, release in one.held[:3])
    return f"{_mark(one)}{outside(one.target.service, 40)} {version}" + (f" · ⛔ held off: {off}" if off else "")


def _looked(seen: Board) -> str:
    """Say when the targets were looked at last, the one that this was longest ago, and which were not since."""
    looked = [one.live.observed_at for one in seen.standings if one.live and one.live.observed_at]
    fresh = [one for one in seen.standings if one.live and one.live.since and one.live.observed_at is None]
    parts = [f"the targets were looked at {spoken(seen.now - min(looked))} ago"] if looked else []
    if fresh:
        named = ", ".join(f"{outside(str(one.target), 60)}" for one in fresh[:MOST_FRESH])
        more = f" and {len(fresh) - MOST_FRESH} more" if len(fresh) > MOST_FRESH else ""
        parts.append(f"not looked at since the last operation there: {named}{more}")
    return f"By the ledger; {'; '.join(parts) or 'the targets have not been looked at yet'}."
