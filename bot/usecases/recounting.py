"""An incident as the values that templates are filled in with: plain words, and durations that are right over days."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.domain.alert import Alert
from bot.domain.change import Change
from bot.domain.lapse import lapse
from bot.domain.report import Answer, Report
from bot.domain.timeline import Entry, shortened
from bot.usecases.incident import Incident

MOST_WORDS, MOST_LINES = 500, 10
Names = Mapping[str, str]


def values(report: Report, found: Incident, names: Names, *, now: datetime) -> dict[str, object]:
    """Return what a template may say; docs/how-to/write-incident-reports.md lists it."""
    shown, left_out = shortened(found.entries)
    acked = next((one for one in found.entries if one.words == "said that they are at it"), None)
    asked = next((one for one in found.changes if one.trigger or one.reason), None)
    severity = max((one.severity for one in found.alerts), default=None)
    return {
        "report": {
            "number": report.id,
            "name": report.name,
            "by": names.get(report.asked_by or "", "Slipway"),
            "written": stamp(now),
        },
        "title": title(found),
        "what": _what(found),
        "severity": severity.word if severity else "",
        "trigger": _trigger(found, asked),
        **_times(found, acked),
        "detected_by": _detected_by(found, names),
        "acknowledged_by": names.get(acked.by, acked.by) if acked else "",
        "mitigated_by": _mitigated_by(found, names),
        "alerts": [_alert(one) for one in found.alerts],
        "changes": [_change(one, names) for one in found.changes],
        "live": [{"target": str(one.target), "version": one.version} for one in found.live],
        "people": _people(found, names),
        "timeline": [
            {"at": stamp(one.at), "what": one.words[:MOST_WORDS], "who": names.get(one.by, one.by)} for one in shown
        ],
        "left_out": left_out,
    }


def answered(standing: Mapping[str, Sequence[Answer]], names: Names) -> dict[str, object]:
    """Return people's answers as a template shows them; what was emptied is open again."""
    return {
        question: [{"text": one.text, "by": names.get(one.by, one.by), "at": stamp(one.at)} for one in said if one.text]
        for question, said in standing.items()
    }


def people_in(report: Report, found: Incident, standing: Mapping[str, Sequence[Answer]]) -> set[str]:
    """Return the ids of everybody whose name a report says."""
    asked = {one.asked_by for one in found.changes} | {one.by for one in found.entries if one.by}
    said = {one.by for several in standing.values() for one in several}
    return asked | said | ({report.asked_by} if report.asked_by else set())


def stamp(at: datetime | None) -> str:
    """Return a moment as documents say it, in UTC; nothing where there is none."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else ""


def title(found: Incident) -> str:
    """Return what an incident is called: its alerts, or what was done, and where."""
    names = list(dict.fromkeys(one.name for one in found.alerts))
    targets = ", ".join(dict.fromkeys(str(op.target) for op in [*found.culprits, *found.ways_back]))
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return f"{names[0]}{more}{f' after a change of {targets}' if targets else ''}"
    first = next((one for one in found.changes if one.trigger), found.changes[0] if found.changes else None)
    return (
        f"{first.kind} in {first.environment}{f', {targets}' if targets else ''}".capitalize() if first else "Incident"
    )


def _what(found: Incident) -> list[str]:
    alerts = [
        f"{one.name} ({one.severity.word}): {said.get('summary') or said.get('description') or ''}"
        for one in found.alerts
        for said in [one.annotations]
    ]
    lines = [line.removesuffix(": ")[:MOST_WORDS] for line in dict.fromkeys(alerts)]
    left = len(lines) - MOST_LINES
    said = [*lines[:MOST_LINES], *([f"and {left} more alerts"] if left > 0 else [])]
    return said + [f"Change {one.id}: {_deed(one)}, {one.state.replace('_', ' ')}" for one in found.changes]


def _trigger(found: Incident, asked: Change | None) -> str:
    if asked is not None and asked.trigger:
        return f"{asked.trigger}: {asked.reason}".removesuffix(": ")[:MOST_WORDS]
    culprits = [f"{op.kind} of {op.target} {found.versions.get(op.to_release, '')}".strip() for op in found.culprits]
    return ", ".join(dict.fromkeys(culprits))


def _times(found: Incident, acked: Entry | None) -> dict[str, object]:
    began, detected, mitigated = found.began_at, found.detected_at, found.mitigated_at
    over = found.quiet_at if found.groups else mitigated
    moments = {
        "began": began,
        "detected": detected,
        "acknowledged": acked.at if acked else None,
        "mitigated": mitigated,
        "resolved": over,
    }
    took = {
        "detect": _between(began, detected),
        "acknowledge": _between(detected, acked.at if acked else None),
        "mitigate": _between(began, mitigated),
        "whole": _between(began, over),
    }
    return {"times": {name: stamp(at) for name, at in moments.items()}, "took": took}


def _between(first: datetime | None, last: datetime | None) -> str:
    return lapse(last - first) if first and last else ""


def _detected_by(found: Incident, names: Names) -> str:
    at = found.detected_at
    told = next((group for group, _ in found.groups if group.opened_at == at), None)
    if told is not None:
        return f"by the monitor ({told.route})"
    if at is not None and at == found.failed_at:
        return "by Slipway, when a step failed"
    asked = next((one for one in found.changes if one.trigger), None)
    return f"by {names.get(asked.asked_by, asked.asked_by)}, who asked for the rollback" if asked else ""


def _mitigated_by(found: Incident, names: Names) -> str:
    numbers = {op.change_id for op in found.ways_back}
    change = next((one for one in found.changes if one.id in numbers), None)
    if change is None:
        return ""
    return f"by change {change.id} of {names.get(change.asked_by, change.asked_by)} ({_deed(change)})"


def _alert(one: Alert) -> dict[str, object]:
    return {
        "name": one.name,
        "severity": one.severity.word,
        "summary": one.annotations.get("summary", "")[:MOST_WORDS],
        "began": stamp(one.starts_at),
        "ended": stamp(one.ends_at),
        "labels": dict(one.labels),
    }


def _change(one: Change, names: Names) -> dict[str, object]:
    state, by = one.state.replace("_", " "), names.get(one.asked_by, one.asked_by)
    return {"number": one.id, "what": _deed(one), "by": by, "state": state}


def _deed(one: Change) -> str:
    what = ", ".join(f"{op.service} {op.to.version}" for op in one.plan.operations)
    return f"{one.kind} in {one.environment}: {what}"


def _people(found: Incident, names: Names) -> list[dict[str, object]]:
    """Return who took part, in the order in which they first did, and what each of them did first."""
    did: dict[str, list[str]] = {}
    for entry in found.entries:
        if entry.by:
            did.setdefault(entry.by, []).append(entry.words)
    return [
        {"name": names.get(person, person), "did": "; ".join(words[:3])[:MOST_WORDS]} for person, words in did.items()
    ]
