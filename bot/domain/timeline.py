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


def told(events: Iterable[Happened], targets: Mapping[str, str]) -> list[Entry]:
    """Return the events worth telling, in the order in which they happened; `targets` are of operations, by subject."""
    entries = [(one, words) for one in events if (words := _words(one, targets))]
    entries.sort(key=lambda entry: (entry[0].at, entry[0].place))
    return [Entry(one.at, words, "" if one.actor in {"engine", "monitor"} else one.actor) for one, words in entries]


def shortened(entries: Sequence[Entry]) -> tuple[list[Entry], int]:
    """Return the first and the last entries where there are too many, and how many were left out between them."""
    if len(entries) <= FIRST + LAST:
        return list(entries), 0
    return [*entries[:FIRST], *entries[-LAST:]], len(entries) - FIRST - LAST


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
        case kind:  # what other features write about a group
            return kind.partition(".")[2].replace("_", " ")


def _proposed(one: Happened, number: str) -> str:
    to = one.payload.get("to")
    what = ", ".join(f"{name} {version}" for name, version in to.items()) if isinstance(to, dict) else ""
    said = f"change {number} was asked for: {one.payload.get('deed')} in {one.payload.get('environment')}, {what}"
    reason = ": ".join(str(one.payload[name]) for name in ("trigger", "reason") if one.payload.get(name))
    return f"{said} ({reason})" if reason else said
