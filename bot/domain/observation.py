"""What was seen outside, as values: a target, a run of a command, a probe's sample, a piece of a log.

These are facts with their time, never hopes: an adapter that cannot tell says `UNKNOWN` or raises.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

_STRANGE = "\N{REPLACEMENT CHARACTER}"
_ESCAPED = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of bytes that are not UTF-8


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
    stopped: bool = False  # FAILED because it was asked to end (`bot.ports.Stops`), and not by itself

    @property
    def nothing_runs(self) -> bool:
        """Whether it was seen that nothing serves; a backend that does not know what serves has not seen that."""
        if self.digest is not None or self.version is not None or self.phase in {Phase.LIVE, Phase.UNKNOWN}:
            return False
        return self.phase is Phase.ABSENT if self.replicas is None else self.replicas[0] == 0

    @property
    def untold(self) -> bool:
        """Whether what serves was not seen at all."""
        told = self.digest is not None or self.version is not None or self.phase is Phase.LIVE
        return not (told or self.nothing_runs)


class RunState(StrEnum):
    """How a one-off command stands."""

    ABSENT = "absent"  # never started under this key
    RUNNING = "running"
    EXITED = "exited"
    LOST = "lost"  # it was started, it is gone, and nobody knows how it ended


@dataclass(frozen=True, slots=True)
class Run:
    """A one-off command under a key. `exit_code` is set when EXITED; `result` holds the ``name=value`` it left.

    Of one that is LOST the result is what it had left until then, as far as that is still there.
    """

    state: RunState
    exit_code: int | None = None
    result: dict[str, str] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LogChunk:
    """A piece of a log: whole lines, and the offset to ask from next (in bytes of the raw log).

    Each byte that is not UTF-8 is one � in the text, and whatever else is there is UTF-8: so the text alone tells how
    many bytes it was, and a piece can be cut (`before`). `of` makes it so.
    """

    text: str
    next_offset: int

    @classmethod
    def of(cls, raw: bytes, begin: int) -> "LogChunk":
        """Return the piece that begins at an offset of the raw log."""
        whole = raw.decode(errors="surrogateescape").replace(_STRANGE, 3 * _STRANGE)
        return cls(_ESCAPED.sub(_STRANGE, whole), begin + len(raw))

    def before(self, place: int) -> "LogChunk":
        """Return what stands before a place in the text; the rest is to be read again."""
        rest = self.text[place:]
        size = len(rest.encode()) - (len(_STRANGE.encode()) - 1) * rest.count(_STRANGE)
        return LogChunk(self.text[:place], self.next_offset - size)


@dataclass(frozen=True, slots=True)
class Sample:
    """One probe: did it answer as it should, and what it said, for a person."""

    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What a release's image is, and how a target would run it. None: not set, or the backend cannot tell.

    `limits` has ``cpu`` and ``memory`` as they are written there; `user_field` and `limits_field` say where a person
    mends them (``USER in the Dockerfile``, ``spec.template.spec.containers[0].resources.limits``).
    """

    digest: str
    user: str | None = None
    size: int | None = None  # bytes
    created: datetime | None = None
    limits: Mapping[str, str] = field(default_factory=dict)
    user_field: str = ""
    limits_field: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a graph: its labels, and its points in the order of time. A value may be NaN."""

    labels: Mapping[str, str]
    points: Sequence[tuple[datetime, float]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a backend was examined for: in order or not, in words, and what mends it (YAML, a command)."""

    ok: bool
    words: str
    remedy: str = ""
