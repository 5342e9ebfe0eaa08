"""What went live shortly before an alert, on the alert's card; and the alerts after that, on the change's card."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.cause import Cause
from bot.domain.lapse import lapse
from bot.domain.operation import Kind
from bot.views.kit import Block, button, code, context, link, moment, outside, section

SAME_TIME = 60  # seconds, by which two clocks ordinarily differ


@dataclass(frozen=True, slots=True)
class CausePicture:
    """What may have caused an alert group, with the words for it; `back` says whether one can go back from it."""

    cause: Cause
    kind: Kind
    version: str
    change: int
    by: str = ""
    url: str | None = None
    back: bool = False


@dataclass(frozen=True, slots=True)
class AfterPicture:
    """An alert that began after an operation: its cause's row, until when it fired, and where its card hangs.

    `name` is empty where it is not for everybody.
    """

    cause: Cause
    name: str
    until: datetime | None = None
    url: str | None = None


def before(found: Sequence[CausePicture]) -> list[Block]:
    """Return the lines about what was done before an alert began."""
    return [section("\n".join(_line(one) for one in found))] if found else []


def way_back(found: Sequence[CausePicture]) -> list[Block]:
    """Return the button that leads back, for the newest change that one can go back from."""
    back = [one for one in found if one.back]
    newest = max(back, key=lambda one: one.change, default=None)
    return [button("rollback", "Roll back…", newest.change, style="danger")] if newest else []


def after(found: Sequence[AfterPicture]) -> list[Block]:
    """Return the lines about the alerts that began after an operation."""
    return [context("\n".join(_after(one) for one in found))] if found else []


def _line(one: CausePicture) -> str:
    target, more = one.cause.target, one.cause.more
    who = f", by {outside(one.by, 80)}" if one.by else ""
    others = f", and {more} other {'change' if more == 1 else 'changes'} before that" if more else ""
    where = f"*{outside(target.service)}* {code(one.version)} {_deed(one)} in {outside(target.environment)}"
    return f"🚢 {where} {_when(one.cause)}{who} · {link(one.url, f'change {one.change}')}{others}"


def _deed(one: CausePicture) -> str:
    """Say what had been done when the alert began."""
    live = one.cause.live_at
    if live is None or live > one.cause.onset.began_at:
        doing = {Kind.DEPLOY: "was being deployed", Kind.ROLLBACK: "was being rolled back to"}
        return doing.get(one.kind, "was being restarted")
    done = {Kind.DEPLOY: "went live", Kind.ROLLBACK: "was rolled back to"}
    return done.get(one.kind, "was restarted")


def _when(cause: Cause) -> str:
    since = cause.live_at if cause.live_at and cause.live_at <= cause.onset.began_at else cause.touched_at
    assert since is not None  # noqa: S101 - what is pictured has touched it
    passed = cause.onset.began_at - since
    if abs(passed.total_seconds()) < SAME_TIME:
        return "at about the same time"
    return f"{lapse(passed)} before" if since is cause.live_at else f"since {lapse(passed)} before"


def _after(one: AfterPicture) -> str:
    onset = one.cause.onset
    name = link(one.url, outside(one.name)) if one.name else link(one.url, "An alert")
    since = one.cause.live_at if one.cause.live_at and one.cause.live_at <= onset.began_at else one.cause.touched_at
    assert since is not None  # noqa: S101 - what is pictured has touched it
    passed = onset.began_at - since
    when = f"{lapse(passed)} after" if passed.total_seconds() >= SAME_TIME else "at about the same time"
    fires = (
        f"fired {moment(onset.began_at)} to {moment(one.until)}"
        if one.until
        else f"fires since {moment(onset.began_at)}"
    )
    return f"🔔 *{name}* {fires}, {when}"
