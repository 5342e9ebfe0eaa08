"""The plan of a change: what will happen, frozen, so that people approve that and nothing else.

A plan is canonical JSON; its SHA-256 is the digest that approvals are bound to. It holds what decides the outcome
(releases by commit and digest, steps with their options, the target's configuration, what was live before) and what
people read to decide (versions, commits).
"""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter

from bot.domain.canonical import canonical, sha256
from bot.domain.crossing import Crossing
from bot.domain.operation import Kind
from bot.domain.release import Release
from bot.domain.standing import Glance, Hold

MOST_COMMITS = 50  # in a plan; the card shows fewer


@dataclass(frozen=True, slots=True)
class PlannedRelease:
    """A release as the plan froze it. `digest` is None when a step of the plan will build it; `at` is the commit's."""

    id: int
    version: str
    commit: str
    digest: str | None
    at: datetime | None = None

    @classmethod
    def of(cls, release: Release) -> "PlannedRelease":
        """Freeze a release as it is now."""
        return cls(release.id, release.version, release.commit.id, release.digest, release.commit.at)


@dataclass(frozen=True, slots=True)
class PlannedCommit:
    """A commit between from and to, for people to read; `at` is ISO 8601."""

    id: str
    author: str
    subject: str
    at: str


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step: its kind (the file in bot/steps/ that knows it), the name people read, its options."""

    kind: str
    name: str
    options: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedOperation:
    """What will happen on one target.

    `seen` is what the target was taken to run when this was planned; `held` the hold that stood on the release then,
    and that the person who named it knew of; `across` the irreversible migrations that it goes back across.
    """

    service: str
    to: PlannedRelease
    before: PlannedRelease | None
    steps: tuple[PlannedStep, ...]
    config: dict[str, object] = field(default_factory=dict)
    commits: tuple[PlannedCommit, ...] = ()
    backwards: bool = False  # `commits` are those that will be taken away
    seen: Glance | None = None
    held: Hold | None = None
    across: tuple[Crossing, ...] | None = None


_SINCE = {
    "at",
    "seen",
    "held",
    "across",
}  # fields that the first plans did not have: their digests must stay what they are


def _told(fields: list[tuple[str, object]]) -> dict[str, object]:
    return {name: value for name, value in fields if value is not None or name not in _SINCE}


@dataclass(frozen=True, slots=True)
class Plan:
    """A change as it will be done: operations in order."""

    kind: Kind
    environment: str
    operations: tuple[PlannedOperation, ...]
    approvals: int = 0
    approvers: tuple[str, ...] = ()  # teams
    on_failure: str = "ask"

    @property
    def text(self) -> str:
        """The plan as canonical JSON."""
        return canonical(asdict(self, dict_factory=_told))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hex: what an approval is bound to."""
        return sha256(self.text)


@dataclass(frozen=True, slots=True)
class Preview:
    """What following a plan would change on one target, as far as the backend tells: lines, and how many `more`.

    `fault` says why it could not be asked; `unbuilt` that it can be told only after the plan has built the release. It
    informs people, and is no part of the plan.
    """

    lines: tuple[str, ...] = ()
    more: int = 0
    fault: str = ""
    unbuilt: bool = False


@cache
def _reader() -> TypeAdapter[Plan]:
    return TypeAdapter(Plan)


def read(text: str) -> Plan:
    """Return the plan that `text` wrote down."""
    return _reader().validate_json(text)
