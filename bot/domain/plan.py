"""The plan of a change: what will happen, frozen, so that people approve that and nothing else.

A plan is canonical JSON; its SHA-256 is the digest that approvals are bound to. It holds what decides the outcome
(releases by commit and digest, steps with their options, the target's configuration, what was live before) and what
people read to decide (versions, commits).
"""

from dataclasses import asdict, dataclass, field
from functools import cache

from pydantic import TypeAdapter

from bot.domain.canonical import canonical, sha256
from bot.domain.operation import Kind


@dataclass(frozen=True, slots=True)
class PlannedRelease:
    """A release as the plan froze it. `digest` is None when a step of the plan will build it."""

    id: int
    version: str
    commit: str
    digest: str | None


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
    """What will happen on one target."""

    service: str
    to: PlannedRelease
    before: PlannedRelease | None
    steps: tuple[PlannedStep, ...]
    config: dict[str, object] = field(default_factory=dict)
    commits: tuple[PlannedCommit, ...] = ()
    backwards: bool = False  # `commits` are those that will be taken away


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
        return canonical(asdict(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hex: what an approval is bound to."""
        return sha256(self.text)


@cache
def _reader() -> TypeAdapter[Plan]:
    return TypeAdapter(Plan)


def read(text: str) -> Plan:
    """Return the plan that `text` wrote down."""
    return _reader().validate_json(text)


def differences(old: Plan, new: Plan) -> list[str]:
    """Say in a sentence each what a plan made now would do otherwise than the old one."""
    found = policy_differences(old, new)
    if old.on_failure != new.on_failure:
        found.append("What happens after a failure has changed.")
    fresh = {op.service: op for op in new.operations}
    for op in old.operations:
        found += _differences_on(op, fresh.get(op.service), f"{op.service}/{old.environment}")
    return found


def policy_differences(old: Plan, new: Plan) -> list[str]:
    """Say that others would have to approve now than when the plan was drawn, if it is so."""
    same = (old.approvals, old.approvers) == (new.approvals, new.approvers)
    return [] if same else ["The approval policy has changed."]


def _differences_on(op: PlannedOperation, now: PlannedOperation | None, target: str) -> list[str]:
    if now is None:
        return [f"{target} is no longer to be changed."]
    found = []
    if _artefact(op.before) != _artefact(now.before):
        then, today = (one.version if one else "nothing" for one in (op.before, now.before))
        found.append(f"{target} ran {then} when this was planned; it runs {today} now.")
    if _artefact(op.to) != _artefact(now.to):
        found.append(f"{target}: {op.to.version} is not the artefact it was ({_short(op.to)} → {_short(now.to)}).")
    if op.steps != now.steps:
        found.append(f"{target}: the steps have changed in the catalog.")
    if op.config != now.config:
        found.append(f"{target}: its configuration has changed in the catalog.")
    return found


def _artefact(release: PlannedRelease | None) -> tuple[int, str, str | None] | None:
    """Return what a release is, whatever it is called: a tag that was set since changes nothing."""
    return (release.id, release.commit, release.digest) if release else None


def _short(release: PlannedRelease) -> str:
    return release.digest.removeprefix("sha256:")[:12] if release.digest else "not built"
