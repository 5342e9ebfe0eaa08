"""The life of a step: intent is written down before anything outside moves, the outcome after."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """How a step stands."""

    PENDING = "pending"
    STARTED = "started"  # the intent is in the ledger; whether the call was made must be observed
    ASKED = "asked"  # the call was made and answered; now it is watched
    STOPPING = "stopping"  # somebody wants it ended: that intent is in the ledger; whether it was asked is not known
    ENDING = "ending"  # it was asked to end; now that is watched
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


NOTE = "note"  # what a step leaves in its progress for people to read, now and after its end
BESIDES = "\n\n"  # parts what failed from what is said of it besides: what serves now, why nothing was taken back
DONE = frozenset({State.SUCCEEDED, State.SKIPPED})
TO_END = frozenset({State.STOPPING, State.ENDING})
AT_WORK = frozenset({State.STARTED, State.ASKED}) | TO_END


@dataclass(frozen=True, slots=True)
class Step:
    """A part of an operation. `progress` is what its kind needs to go on after a restart; `detail` is for people."""

    id: int
    operation_id: int
    position: int
    kind: str
    name: str
    key: str
    back: bool = False  # part of the way back after a failure
    options: dict[str, object] = field(default_factory=dict)
    state: State = State.PENDING
    progress: dict[str, object] = field(default_factory=dict)
    detail: str = ""
    log_offset: int = 0
    revision: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def note(self) -> str:
        """What it left for people to read."""
        return str(self.progress.get(NOTE, ""))
