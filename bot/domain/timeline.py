"""What happened, in the ledger's own events, as sentences for people; each with its own time and who did it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

FIRST, LAST = 40, 110  # entries that are told where there are more


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the ledger: `actor` is a person's id, `monitor` or `engine`; `place` orders those of one moment."""

    at: datetime
    actor: str
    subject: str
    kind: str
    payload: Mapping[str, object]
    place: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a timeline; `by` is a person's id, or nothing where it was no person's doing."""

    at: datetime
    words: str
    by: str = ""


_CHANGE = {
    "change.approvedby": "change {number} was approved",
    "change.rejectedby": "change {number} was rejected",
    "change.began": "change {number} began",
    "change.stopped": "change {number} was to be stopped",
    "change.wenton": "change {number} went on with the rest",
    "change.settled": "somebody had looked, and said how change {number} ended",
    "change.finished": "change {number} ended: {state}",
    "change.expired": "change {number} expired",
    "change.voided": "change {number} became void",
}
_OPERATION = {
    "operation.applied": "{target}: it is live",
    "operation.passed": "{target}: went well",
    "operation.failed": "{target}: failed: {reason}",
    "operation.stopped": "{target}: was stopped: {reason}",
    "operation.turnedback": "{target}: failed, and is taken back: {reason}",
    "operation.wentback": "{target}: what was there before is live again",
    "operation.lost": "{target}: it cannot be told how it ended: {reason}",
}
_GROUP = {
    "alertgroup.acked": "said that they are at it",
    "alertgroup.quiet": "nothing of it fires any more",
    "alertgroup.suspected": "change {change} had touched it shortly before",
}
_UNTOLD = ("graph.", "escalation.")  # a step of an escalation is told by what came of it
_HOW = {"mention": "in the thread", "dm": "by direct message", "channel": "in the channel", "pagerduty": "by PagerDuty"}
_TOLD = {
    "delivered": "{whom} was told {how}",
    "failed": "{whom} could not be told {how}: {said}",
    "unknown": "{whom} was to be told {how}, and no answer came",
    "deferred": "{whom} was left in peace until the quiet hours end",
}


def told(events: Iterable[Happened], targets: Mapping[str, str]) -> list[Entry]:
    """Return the events worth telling, in the order in which they happened; `targets` are of operations, by subject."""
    every = list(events)
    well = {number for one in every if (number := _succeeded(one))}
    worth = (one for one in every if one.kind != "operation.passed" or str(one.payload.get("change")) not in well)
    entries = [(one, words) for one in worth if (words := _words(one, targets))]
    entries.sort(key=lambda entry: (entry[0].at, entry[0].place))
    return [Entry(one.at, words, "" if one.actor in {"engine", "monitor"} else one.actor) for one, words in entries]


def shortened(entries: Sequence[Entry]) -> tuple[list[Entry], int]:
    """Return the first and the last entries where there are too many, and how many were left out between them."""
    if len(entries) <= FIRST + LAST:
        return list(entries), 0
    return [*entries[:FIRST], *entries[-LAST:]], len(entries) - FIRST - LAST


def _succeeded(one: Happened) -> str:
    """Return the number of the change that an event says has succeeded: with it everything in it went well."""
    ended = one.kind == "change.finished" and one.payload.get("state") == "succeeded"
    return one.subject.partition(":")[2] if ended else ""


def _words(one: Happened, targets: Mapping[str, str]) -> str:
    noun, _, number = one.subject.partition(":")
    known = {**{name: str(value) for name, value in one.payload.items()}, "number": number}
    known["state"] = known.get("state", "").replace("_", " ")
    match noun:
        case "change":
            return (
                _proposed(one, number) if one.kind == "change.proposed" else _CHANGE.get(one.kind, "").format(**known)
            )
        case "operation":
            target = targets.get(one.subject, f"operation {number}")
            return _OPERATION.get(one.kind, "").format(**(known | {"target": target})).removesuffix(": ")
        case "alertgroup":
            return _of_group(one, known)
        case _:
            return ""


def _of_group(one: Happened, known: Mapping[str, str]) -> str:
    match one.kind:
        case "alertgroup.opened" | "alertgroup.fired":
            names = one.payload.get("alerts")
            what = ", ".join(map(str, names)) if isinstance(names, list) else "alerts"
            return f"the monitor told of {what}"
        case "alertgroup.unacked":
            return "nobody answered whether they are still at it" if one.actor == "engine" else "is no longer at it"
        case kind if kind in _GROUP:
            return _GROUP[kind].format(**known)
        case kind if kind.startswith("notification."):
            return _notified(kind.partition(".")[2], known)
        case "escalation.step" if one.actor != "engine":
            return "had the next be told"
        case kind if kind.startswith(_UNTOLD):
            return ""
        case kind:  # what other features write about a group
            return kind.partition(".")[2].replace("_", " ")


def _notified(ended: str, known: Mapping[str, str]) -> str:
    """Say how it ended that somebody was to be told; that others learnt of what people did here is not worth a line."""
    if known.get("verb") != "tell":
        return ""
    kind, _, name = known.get("whom", "").partition(" ")
    whom = {"rotation": f"whoever is on call ({name})", "team": f"the team {name}", "channel": f"#{name}"}
    way = known.get("way", "")
    said = {"whom": whom.get(kind, "somebody"), "how": _HOW.get(way, f"by {way}"), "said": known.get("said", "")}
    return _TOLD.get(ended, "").format(**said)


def _proposed(one: Happened, number: str) -> str:
    to = one.payload.get("to")
    what = ", ".join(f"{name} {version}" for name, version in to.items()) if isinstance(to, dict) else ""
    said = f"change {number} was asked for: {one.payload.get('deed')} in {one.payload.get('environment')}, {what}"
    reason = ": ".join(str(one.payload[name]) for name in ("trigger", "reason") if one.payload.get(name))
    return f"{said} ({reason})" if reason else said
