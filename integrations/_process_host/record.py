"""What the process host writes down about a target, and how: whole or not at all, and through a power cut.

`live` is what should serve, `pending` what is being brought up, `asked` what became of every key. The record is
written before anything moves, so whoever reads it after a crash knows what to bring back and what to end.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.domain.observation import Phase

_MOST_KEYS = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """One release as it should run: times in seconds."""

    key: str
    digest: str
    version: str
    commit: str
    port: int
    run: list[str]
    health: str
    grace: float
    start_within: float
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class Process:
    """A process that outlives whoever remembers it.

    `created` tells it from a later one with the same id; `port` is where it listens; `generation` is the number of the
    start, which names its folder and its log.
    """

    pid: int
    created: float
    port: int
    generation: int


@dataclass(slots=True)
class Asked:
    """What became of a key: how far it came, in words, and the generation that ran for it."""

    phase: Phase
    detail: str = ""
    generation: int = 0


@dataclass(slots=True)
class Record:
    """Everything about one target that must not be forgotten."""

    service: str
    environment: str
    generation: int = 0
    live: Wish | None = None
    process: Process | None = None
    pending: Wish | None = None
    strays: list[Process] = field(default_factory=list)  # starting or leaving: not to be kept by whoever comes next
    asked: dict[str, Asked] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.service}/{self.environment}"


def read(path: Path) -> Record:
    """Read a record."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    asked = stored.pop("asked")
    live, process, pending = stored.pop("live"), stored.pop("process"), stored.pop("pending")
    strays = stored.pop("strays")
    return Record(
        **stored,
        live=Wish(**live) if live else None,
        process=Process(**process) if process else None,
        pending=Wish(**pending) if pending else None,
        strays=[Process(**stray) for stray in strays],
        asked={key: Asked(Phase(one["phase"]), one["detail"], one["generation"]) for key, one in asked.items()},
    )


def write(path: Path, record: Record) -> None:
    """Write a record so that a reader finds the old one or the new one, whatever happens meanwhile."""
    forget(record.asked, needed={wish.key for wish in (record.live, record.pending) if wish})
    put(path, asdict(record))


def forget(asked: dict[str, Asked], *, needed: set[str]) -> None:
    """Keep what is known of keys within bounds: the oldest go, but for those that are needed."""
    for key in list(asked)[:-_MOST_KEYS]:
        if key not in needed:
            del asked[key]


def put(path: Path, stored: dict[str, object]) -> None:
    """Write it whole or not at all, and through a power cut; only we may read it."""
    temporary = path.with_suffix(".writing")
    with temporary.open("w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        json.dump(stored, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
