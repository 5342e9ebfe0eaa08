"""`/status`: what is live where, since when, by whom; what is going on; and where the world differs from the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from bot.domain.change import Change
from bot.domain.duration import spoken
from bot.domain.standing import Standing
from bot.views.changes import SIGNS, title
from bot.views.kit import Message, code, context, fitted, outside, section


def board(
    standings: Sequence[Standing], going_on: Sequence[Change], *, names: Mapping[str, str], now: datetime
) -> Message:
    """Return every environment with its targets, and the changes that have not ended."""
    blocks, text = [], []
    for environment, here in groupby(standings, key=lambda one: one.target.environment):
        lines = [_target(one, names, now) for one in here]
        blocks.append(section("\n".join([f"*{outside(environment)}*", *lines])))
        text.append(f"{environment}: " + "; ".join(line.replace("`", "") for line in lines))
    open_ones = [_open(change, names) for change in going_on]
    if open_ones:
        blocks.append(section("\n".join(["*Going on*", *open_ones])))
    blocks.append(context(_seen(standings, now)))
    return Message("\n".join(text), fitted(blocks))


def _target(one: Standing, names: Mapping[str, str], now: datetime) -> str:
    line = f"{outside(one.target.service)}  "
    if one.release is None or one.live is None or one.live.since is None:
        line += "nothing yet"
    else:
        by = outside(names.get(one.live.by or "", one.live.by or "unknown"), 60)
        line += f"{code(one.release.version)} · for {spoken(now - one.live.since)} · by {by}"
    if one.holder is not None:
        line += f" · {one.holder.state.replace('_', ' ')} (change {one.holder.change_id})"
    if one.drift is not None:
        line += f"\n⚠️ drift: {outside(one.drift, 200)}"
    return line


def _open(change: Change, names: Mapping[str, str]) -> str:
    sign, words = SIGNS[change.state]
    by = outside(names.get(change.asked_by, change.asked_by), 60)
    return f"{sign} change {change.id} · {title(change)} · {words} · {by}"


def _seen(standings: Sequence[Standing], now: datetime) -> str:
    seen = [one.live.observed_at for one in standings if one.live and one.live.observed_at]
    if not seen:
        return "By the ledger; the targets have not been looked at yet."
    age = now - min(seen)
    return f"By the ledger; the targets were looked at {spoken(age)} ago."
