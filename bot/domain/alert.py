"""Alerts as monitors tell of them, and what is news in what they tell.

An alert is known by its fingerprint. What monitors send may come late, twice, from several peers, and out of order;
and what they leave out says nothing: Alertmanager cuts long groups short (`truncatedAlerts`), so only what is said to
be resolved is. `news` compares what is told with what is known, and decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum


class Severity(IntEnum):
    """How bad it is, so that the worst is the largest. The guide's three, and what waits for the morning."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The word for people."""
        return self.name.lower()


_WORDS = {
    Severity.CRITICAL: ("critical", "crit", "page", "emergency", "fatal", "disaster", "p1", "sev1"),
    Severity.HIGH: ("high", "error", "major", "p2", "sev2"),
    Severity.MEDIUM: ("medium", "warning", "warn", "average", "minor", "p3", "sev3"),
    Severity.LOW: ("low", "info", "information", "notice", "none", "debug", "p4", "p5", "sev4", "sev5"),
}
_BY_WORD = {word: severity for severity, words in _WORDS.items() for word in words}


def severity_of(labels: Mapping[str, str]) -> Severity:
    """Return how bad an alert's `severity` label says it is; what says nothing, or nothing known, is medium."""
    return _BY_WORD.get(labels.get("severity", "").strip().lower(), Severity.MEDIUM)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: what fires, since when, and until when (None while it fires). `source` links to its expression."""

    fingerprint: str
    labels: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    @property
    def firing(self) -> bool:
        """Whether it fires."""
        return self.ends_at is None

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return severity_of(self.labels)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.labels.get("alertname") or "alert without a name"


@dataclass(frozen=True, slots=True)
class Told:
    """What a monitor tells of a group at once. `labels` are those that all of its alerts share.

    `missing` is how many alerts it left out because there were too many; `link` leads to the monitor.
    """

    key: str
    alerts: Sequence[Alert]
    labels: Mapping[str, str] = field(default_factory=dict)
    missing: int = 0
    link: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What is new in what was told. `stale` is older than what is known, and changes nothing.

    `unseen` ended before anybody was told that it fired: there is nothing to do about it any more.
    """

    fired: Sequence[Alert] = ()
    resolved: Sequence[Alert] = ()
    changed: Sequence[Alert] = ()
    stale: Sequence[Alert] = ()
    unseen: Sequence[Alert] = ()

    @property
    def any(self) -> bool:
        """Whether anything is to be written down."""
        return bool(self.fired or self.resolved or self.changed)


def news(known: Mapping[str, Alert], told: Iterable[Alert]) -> News:
    """Say what is new in what was told, by what is known of the same fingerprints."""
    sorted_out: dict[str, list[Alert]] = {name: [] for name in ("fired", "resolved", "changed", "stale", "unseen")}
    for alert in {one.fingerprint: one for one in told}.values():
        kind = _kind(known.get(alert.fingerprint), alert)
        if kind:
            sorted_out[kind].append(alert)
    return News(**{name: tuple(alerts) for name, alerts in sorted_out.items()})


def _kind(before: Alert | None, now: Alert) -> str:
    """Say which kind of news an alert is; empty when it is none."""
    if before is None:
        return "fired" if now.firing else "unseen"
    match before.ends_at, now.ends_at:
        case None, None:
            return "" if before == now else "changed"
        case None, datetime() as ended:
            return "resolved" if ended >= before.starts_at else "stale"
        case _, None:
            # The very fire that has ended: told late by a peer, or by a monitor that had lost sight of it. Which of the
            # two cannot be told from it alone, so the end stands until the monitor itself is asked.
            return "fired" if now.starts_at > before.starts_at else "stale"
        case _:
            return ""
