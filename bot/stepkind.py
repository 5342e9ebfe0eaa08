"""What a kind of step is: how it begins, how it is looked at, and the verdicts a look can come to."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import BaseModel

from bot.domain.errors import GaveUp
from bot.domain.operation import Operation
from bot.domain.release import Release
from bot.domain.step import Step
from bot.ports import Backend, Desired, LoggedRunner, RunsThere
from bot.world import World

THERE = "target"  # what a step's option `where` says when its program is to run where the target does


def runs_nothing(kind: str) -> str:
    """Say that a kind of backend cannot run a step's program, and the way out."""
    return f"a backend of kind {kind} runs no programs of steps; leave out “where: {THERE}”, and it runs beside Slipway"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a step acts on: the operation, the release this step is about, and the target's configuration.

    `applied` is the key under which the backend was asked for that release, empty before it was.
    """

    world: World
    op: Operation
    step: Step
    release: Release
    config: dict[str, object]
    began_at: datetime
    applied: str = ""

    @property
    def now(self) -> datetime:
        """The present."""
        return self.world.clock.now()

    @property
    def backend(self) -> Backend:
        """The backend that the plan froze, whatever the catalog says by now; `GaveUp` when it is not open any more."""
        kind = str(self.config.get("kind"))
        if kind not in self.world.backends:
            raise GaveUp(f"{self.op.target} ran on {kind}, and the catalog has no target on that any more")
        return self.world.backends[kind]

    @property
    def runner(self) -> LoggedRunner:
        """What runs this step's program: this machine or, with `where: target`, the backend; `GaveUp` if it cannot."""
        if self.step.options.get("where") != THERE:
            return self.world.runner
        backend = self.backend
        if not isinstance(backend, RunsThere):
            raise GaveUp(runs_nothing(str(self.config.get("kind"))))
        return backend.runner(self.op.target, Desired(self.release, self.config))


@dataclass(frozen=True, slots=True)
class Going:
    """Not done yet: what to remember, what to tell, when to look again (None: as soon as that costs little)."""

    again: timedelta | None = None
    detail: str = ""
    progress: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """Done; `digest` is of the artefact a build made, `serves` says that the release was seen to serve.

    `left` is what the step leaves for later, by name; the ledger keeps it with the step.
    """

    detail: str = ""
    digest: str | None = None
    serves: bool = False
    left: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """The outside system, or a check, said no in these words; `left` is as in `Done`.

    `stopped`: it did not get to its end, for we asked so.
    """

    reason: str
    serves: bool = False
    stopped: bool = False
    left: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotBegun:
    """Certainly nothing was ever done under the step's key."""


@dataclass(frozen=True, slots=True)
class Lost:
    """It cannot be told what happened, and why it cannot; `left` is as in `Done`, as far as it was still found."""

    reason: str
    left: Mapping[str, str] = field(default_factory=dict)


Verdict = Going | Done | Failed | NotBegun | Lost
Stop = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class StepKind:
    """A word of a catalog's `steps`.

    `moves` says that beginning it changes something outside that must never be repeated unobserved; `turns_target`
    that from its beginning on an operation can no longer be cancelled; `in_rollback` that it is part of a way back, and
    `in_restart` of a restart. `patience` is how long a step may take, from its options. `stop` returns how what a step
    has begun is asked to end before its end (see `bot.ports.Stops`), or None where it cannot be.
    """

    name: str
    options: type[BaseModel]
    begin: Callable[[Scene], Awaitable[None]]
    look: Callable[[Scene], Awaitable[Verdict]]
    patience: Callable[[BaseModel], timedelta]
    moves: bool = True
    turns_target: bool = False
    in_rollback: Callable[[BaseModel], bool] = lambda _: True
    in_restart: bool = False
    stop: Callable[[Scene], Stop | None] = lambda _: None


async def nothing(_: Scene) -> None:
    """Begin a step that only looks."""
