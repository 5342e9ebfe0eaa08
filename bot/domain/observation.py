"""What was seen outside, as values: a target, a run of a command, a probe's sample, a piece of a log.

These are facts with their time, never hopes: an adapter that cannot tell says `UNKNOWN` or raises.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Phase(StrEnum):
    """How far a backend has come with what was asked of it under a key."""

    ABSENT = "absent"  # nothing was ever asked under this key, or nothing runs
    PROGRESSING = "progressing"
    LIVE = "live"  # what was asked under this key is what serves
    FAILED = "failed"  # the backend said no; what served before still serves, or `detail` says what stands
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Observed:
    """A target as its backend shows it.

    `phase` answers for the key that was asked about; `key` is the key of what serves now, if it bears one;
    `digest` and `version` are of what serves now, None where nothing does or the backend cannot tell.
    """

    phase: Phase
    key: str | None = None
    digest: str | None = None
    version: str | None = None
    detail: str = ""
    replicas: tuple[int, int] | None = None  # ready, wanted


class RunState(StrEnum):
    """How a one-off command stands."""

    ABSENT = "absent"  # never started under this key
    RUNNING = "running"
    EXITED = "exited"
    LOST = "lost"  # it was started, it is gone, and nobody knows how it ended


@dataclass(frozen=True, slots=True)
class Run:
    """A one-off command under a key. `exit_code` is set when EXITED; `result` holds the ``name=value`` it left."""

    state: RunState
    exit_code: int | None = None
    result: dict[str, str] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LogChunk:
    """A piece of a log: whole lines, and the offset to ask from next (in bytes of the raw log)."""

    text: str
    next_offset: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One probe: did it answer as it should, and what it said, for a person."""

    ok: bool
    detail: str
