"""What Slack shows of silences: lines on a group's card, the notice that one ends soon, and the window that asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group
from bot.domain.errors import Refused
from bot.domain.secret_shapes import COVER
from bot.domain.silence import Silence, State, shared
from bot.views import inputs
from bot.views.forms import modal
from bot.views.kit import Block, Message, actions, button, clip, code, context, fitted, moment, option, outside, section
from bot.views.kit import spoken as spoken_blocks

MOST_MATCHERS, MOST_SHOWN, MOST_ALERTS, MOST_LABELS, MOST_VALUE = 6, 5, 90, 100, 150
GROUP, ALERT, LABELS, WORK = "group", "alert:", "labels", "work"
LENGTHS: dict[str, tuple[str, timedelta]] = {
    "15m": ("15 minutes", timedelta(minutes=15)),
    "30m": ("30 minutes", timedelta(minutes=30)),
    "1h": ("1 hour", timedelta(hours=1)),
    "2h": ("2 hours", timedelta(hours=2)),
    "4h": ("4 hours", timedelta(hours=4)),
    "8h": ("8 hours", timedelta(hours=8)),
    "1d": ("1 day", timedelta(days=1)),
    "3d": ("3 days", timedelta(days=3)),
    "1w": ("1 week", timedelta(weeks=1)),
    "2w": ("2 weeks", timedelta(weeks=2)),
    "1mo": ("1 month", timedelta(days=30)),
}


@dataclass(frozen=True, slots=True)
class SilencePicture:
    """A silence, how much of what fires it covers, and the name of who ended it."""

    silence: Silence
    covers: int = 0
    of: int = 0
    ended_by: str = ""

    @property
    def whose(self) -> str:
        """Who made it."""
        name = outside(self.silence.author) or "somebody"
        return f"*{name}*" if self.silence.by else f"*{name}* in Alertmanager"

    @property
    def what(self) -> str:
        """What it matches."""
        known = self.silence.matchers
        shown = " ".join(code(one.words) for one in known[:MOST_MATCHERS])
        return shown + (f" and {len(known) - MOST_MATCHERS} more" if len(known) > MOST_MATCHERS else "")


def lines(pictures: Sequence[SilencePicture]) -> list[Block]:
    """Return what a group's card says of silences, each with its button."""
    left = len(pictures) - MOST_SHOWN
    shown = [block for one in pictures[:MOST_SHOWN] for block in _line(one)]
    return [*shown, *([context(f"… and {left} more silences")] if left > 0 else [])]


def _line(picture: SilencePicture) -> list[Block]:
    """Return a silence and what it matches: in small print, for beside a button labels would stand one to a line."""
    silence = picture.silence
    over = silence.state.ended or silence.state is State.ENDING
    end = None if over else button("unsilence", "End silence", silence.id)
    said = section(f"{_head(picture)}{_reason(silence)}{_trouble(silence)}", accessory=end)
    return [said, *([context(picture.what)] if picture.what else [])]


def _head(picture: SilencePicture) -> str:
    silence = picture.silence
    name = f"Silence {silence.id} by {picture.whose}"
    part = f", {picture.covers} of {picture.of} that fire" if picture.of > picture.covers else ""
    match silence.state:
        case State.ASKED:
            return f"🔕 {name} is being made, until {moment(silence.ends_at)}{part}"
        case State.UNKNOWN:
            return f"⚠️ It is not known whether {name} was made: Alertmanager gave no answer. I am looking for it."
        case State.REFUSED:
            return f"⚠️ {name} was not made"
        case State.ENDING:
            return f"🔕 {name} is being ended"
        case State.LIVE:
            wished = "" if silence.settled else f", to be until {moment(silence.ends_at)}"
            return f"🔕 {name}, until {moment(silence.held_until or silence.ends_at)}{wished}{part}"
        case State.OVER:
            return f"🔔 {name} is over"
        case State.REMOVED:
            return f"🔔 {name} was ended by {outside(picture.ended_by) or 'somebody in Alertmanager'}"


def _reason(silence: Silence) -> str:
    return f"\n{outside(silence.reason, 300)}" if silence.reason else ""


def _trouble(silence: Silence) -> str:
    if not silence.fault:
        return ""
    again = "" if silence.state.ended or silence.settled else "; it is tried again"
    return f"\n⚠️ {outside(silence.fault, 300)}{again}"


def notice(picture: SilencePicture, *, until: int) -> Message:
    """Return the notice in the thread that a silence ends soon; once that is past, it says what became of it.

    `until` is the end that notice was given of, in seconds.
    """
    silence = picture.silence
    if silence.state.ended or silence.state is State.ENDING:
        blocks = [context(_head(picture))]
    elif int(silence.ends_at.timestamp()) != until:
        blocks = [context(f"Silence {silence.id} was extended until {moment(silence.ends_at)}.")]
    else:
        blocks = _ends_soon(picture)
    return Message(spoken_blocks(blocks), fitted(blocks))


def _ends_soon(picture: SilencePicture) -> list[Block]:
    silence = picture.silence
    whom = f"<@{silence.by}>, " if silence.by else ""
    still = f"{picture.covers} of what it covers still fire{'s' if picture.covers == 1 else ''}"
    said = f"{whom}silence {silence.id} ends {moment(silence.ends_at)}, and {still}; then people are called again."
    row = [
        button("extend", "Extend by 1 hour", silence.id, style="primary"),
        button("prolong", "Extend…", silence.id),
        button("unsilence", "End silence", silence.id),
    ]
    return [section(f"🔕 {said}\n{picture.what}"), *actions(row)]


def asking(group: Group, alerts: Sequence[Alert], *, channel: str) -> Block:
    """Return the window that asks what is to be silent, and for how long."""
    firing = [one for one in alerts if one.firing] or list(alerts)
    whole = _group_option(firing)
    choices = [*([whole] if whole else []), *map(_alert_option, firing[:MOST_ALERTS])]
    labels = _label_options(firing)
    if labels:
        choices.append(option("The labels that I choose below", LABELS))
    if not choices:
        raise Refused("Its alerts have no labels, and a silence goes by labels: there is nothing to silence them by.")
    known = labels or [option("none", "none")]
    return modal(
        "silence",
        f"Silence group {group.id}",
        "Silence",
        [
            inputs.row("what", "What is to be silent", inputs.select("what", choices, initial=whole)),
            inputs.row(
                "labels",
                "Labels",
                inputs.select("labels", known, many=True),
                hint="Everything that has all of them is silent, here and in other groups.",
                optional=True,
            ),
            inputs.row("length", "For how long", _lengths()),
            inputs.row(
                "reason", "Reason", inputs.text("reason", "We know; it is being mended", most=500), optional=True
            ),
        ],
        about=str(group.id),
        channel=channel,
    )


def prolonging(silence: Silence, *, channel: str) -> Block:
    """Return the window that asks for how much longer a silence is to last."""
    row = inputs.row("length", "How much longer", _lengths())
    return modal("prolong", f"Extend silence {silence.id}", "Extend", [row], about=str(silence.id), channel=channel)


def _lengths() -> Block:
    choices = [option(words, word) for word, (words, _) in LENGTHS.items()]
    return inputs.select("length", [*choices, option("Until my next working hours", WORK)])


def _group_option(firing: Sequence[Alert]) -> Block | None:
    labels = {name: value for name, value in shared(firing).items() if value and COVER not in value}
    words = ", ".join(f"{name}={value}" for name, value in sorted(labels.items()))
    return option("All of it", GROUP, clip(words, 75)) if labels else None


def _alert_option(alert: Alert) -> Block:
    rest = {n: v for n, v in sorted(alert.labels.items()) if n not in {"alertname", "severity"}}
    words = ", ".join(f"{name}={value}" for name, value in rest.items())
    return option(f"Only {alert.name}", f"{ALERT}{alert.fingerprint}", clip(words, 75))


def _label_options(alerts: Sequence[Alert]) -> list[Block]:
    found = sorted(
        {(name, value) for one in alerts for name, value in one.labels.items() if value and COVER not in value}
    )
    written = [f"{name}={value}" for name, value in found]
    return [option(one, one) for one in written if len(one) <= MOST_VALUE][:MOST_LABELS]
