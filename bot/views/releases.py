"""`/releases` and `/release`: the history of targets, and the life of one release."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.history import Biography, Entry
from bot.domain.operation import Kind, State
from bot.domain.release import Release
from bot.domain.target import Target
from bot.views.kit import Message, code, context, escape, fitted, moment, outside, section

SIGNS = {
    State.QUEUED: "⚪",
    State.RUNNING: "🔵",
    State.VERIFYING: "🔵",
    State.SUCCEEDED: "✅",
    State.CANCELLED: "🚫",
    State.FAILED: "❌",
    State.ROLLING_BACK: "↩",
    State.ROLLED_BACK: "↩",
    State.UNKNOWN: "❓",
}


def history(
    entries: Sequence[Entry],
    *,
    environment: str | None,
    service: str | None,
    names: Mapping[str, str],
    at: datetime | None = None,
    live: Sequence[tuple[Target, Release | None]] = (),
) -> Message:
    """Return the newest operations, and, for a time in the past, what was live then."""
    what = " ".join(word for word in (service, environment) if word) or "everywhere"
    head = f"*Releases* · {outside(what)}" + (f" · up to {moment(at)}" if at else "")
    then = [f"{outside(str(target))} ran {code(release.version) if release else 'nothing'}" for target, release in live]
    known = Known(environment, service)
    lines = [_entry(entry, names, known) for entry in entries] or ["Nothing has been brought there yet."]
    blocks = [section(head), *([section("\n".join(then))] if then else []), section("\n".join(lines))]
    if entries:
        newest = entries[0].release
        blocks.append(context(f"{code(f'/release {newest.service} {newest.version}')} tells more of one of them"))
    return Message(f"Releases, {what}: {len(entries)} operations", fitted(blocks))


@dataclass(frozen=True, slots=True)
class Known:
    """What stands above the lines already, and need not stand in each: they are read on a phone."""

    environment: str | None = None
    service: str | None = None
    release: bool = False


def _entry(entry: Entry, names: Mapping[str, str], known: Known) -> str:
    """Return an operation in a line. Its sign says how it ended; words do where it is no deploy that went well."""
    op = entry.op
    ended = op.state.replace("_", " ") if op.started_at or not op.final else "not done"
    sign = SIGNS[op.state] if ended != "not done" else SIGNS[State.CANCELLED]
    names_of = (op.target.service if known.service is None else "", op.target.environment)
    place = "/".join(name for name in names_of if name and name != known.environment)
    deed = [op.kind] if op.kind is not Kind.DEPLOY else []
    how = [ended] if ended != "succeeded" else []
    head = [sign, outside(place, 60), "" if known.release else code(entry.release.version, 30), *deed, *how]
    when = moment(op.started_at) if op.started_at else "not begun"
    by = outside(names.get(entry.asked_by, entry.asked_by), 60)
    return f"{' '.join(word for word in head if word)} · {when} · {by} · change {op.change_id}"


def biography(found: Biography, *, names: Mapping[str, str]) -> Message:
    """Return where a release came from, where it has been, and where it is held off."""
    release = found.release
    digest = code(release.digest.removeprefix("sha256:")[:12]) if release.digest else "not built"
    lines = [
        f"*{outside(release.service)} {code(release.version)}* · release #{release.id}",
        f"{code(release.commit.short)} {outside(release.commit.subject, 200)} – {outside(release.commit.author, 60)}",
        f"on {code(release.branch)} · {moment(release.commit.at)} · artefact {digest}",
    ]
    blocks = [section("\n".join(lines))]
    for hold in found.holds:
        by = outside(names.get(hold.by, hold.by), 60)
        blocks.append(section(f"⚠️ rolled back from {outside(str(hold.target))} by {by}: {outside(hold.reason, 400)}"))
    known = Known(service=release.service, release=True)
    been = [_entry(entry, names, known) for entry in found.entries] or ["It has not been brought anywhere yet."]
    blocks.append(section("\n".join(been)))
    return Message(escape(f"{release.service} {release.version} ({release.commit.short})"), fitted(blocks))
