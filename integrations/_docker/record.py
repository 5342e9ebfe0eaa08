"""What the host writes down about a target. No secret is among it: words from outside are masked before.

`live` is what should serve, `pending` what is being brought up, `asked` what became of every key, `leaving` what is to
go: it is written down before anything moves, so whoever reads it after a crash knows what to go on with.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.domain.observation import Phase
from bot.domain.target import Target
from integrations._process_host.record import Asked, forget, put


@dataclass(frozen=True, slots=True)
class Wish:
    """One release as it should run; `section` is the target's own, as plain values.

    `container` is the one that runs for it, and `private` the port on this machine that leads to it, once there is one.
    """

    key: str
    digest: str
    version: str
    commit: str
    section: Mapping[str, object]
    container: str = ""
    private: int = 0


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is to go: a container's id, or the label (``slipway.mark=…``) that it bears, and the seconds it may take."""

    word: str
    grace: float
    engine: str | None


@dataclass(slots=True)
class Record:
    """Everything about one target that must not be forgotten."""

    service: str
    environment: str
    live: Wish | None = None
    pending: Wish | None = None
    leaving: list[Leaving] = field(default_factory=list)
    asked: dict[str, Asked] = field(default_factory=dict)

    @property
    def target(self) -> Target:
        """The target."""
        return Target(self.service, self.environment)

    def __str__(self) -> str:
        return f"{self.service}/{self.environment}"


def read(path: Path) -> Record:
    """Read a record."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    live, pending, asked, leaving = (stored.pop(name) for name in ("live", "pending", "asked", "leaving"))
    return Record(
        **stored,
        live=Wish(**live) if live else None,
        pending=Wish(**pending) if pending else None,
        leaving=[Leaving(**one) for one in leaving],
        asked={key: Asked(Phase(one["phase"]), one["detail"]) for key, one in asked.items()},
    )


def write(path: Path, record: Record) -> None:
    """Write a record: a reader finds the old one or the new one, whatever happens meanwhile."""
    forget(record.asked, needed={wish.key for wish in (record.live, record.pending) if wish})
    put(path, asdict(record))
