"""Where services run, and where one-off work does: backends, the roles that one may also play, runners, logs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from bot.domain.observation import Finding, ImageFacts, LogChunk, Observed, Run
from bot.domain.release import Release
from bot.domain.target import Target

Section = Mapping[str, object]  # a target's own section of the catalog, `kind` included, as plain JSON values


@dataclass(frozen=True, slots=True)
class Desired:
    """What a target should run. `config` is the target's own section of the catalog, already checked by the backend."""

    release: Release
    config: Section = field(default_factory=dict)


class Backend(Protocol):
    """Where services run."""

    async def apply(self, target: Target, desired: Desired, *, key: str) -> None:
        """Ask for the desired state and return. Asking twice with one `key` is the same as asking once."""

    async def observe(self, target: Target, *, key: str, config: Section) -> Observed:
        """Look at the target, which `config` says how to find, and at how far `key` has come; change nothing."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One program to run to completion: argv (never a shell line), its folder, what it finds in its environment.

    When `timeout` has passed the runner ends it and all it started; it then counts as exited with code 124.
    """

    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str | None = None
    timeout: timedelta = timedelta(minutes=10)


class Runner(Protocol):
    """Runs one-off work to completion, apart from the bot, so that a restarted bot finds it under its key.

    The program finds a file name in ``SLIPWAY_RESULT``; ``name=value`` lines it writes there come back in `Run.result`.
    """

    async def start(self, invocation: Invocation, *, key: str) -> None:
        """Start it and return. Starting twice with one `key` is the same as starting once."""

    async def observe(self, *, key: str) -> Run:
        """Look at how it stands; change nothing."""


class Logs(Protocol):
    """The output of what runs or ran under a key."""

    async def tail(self, *, key: str, offset: int = 0) -> LogChunk:
        """Return the whole lines from `offset` bytes on, at most 64 kB; an unknown key has an empty log.

        Where no such offset can be (the log is shorter, or began anew), it is read from the beginning.
        """


class LoggedRunner(Runner, Logs, Protocol):
    """A runner that keeps the output of what it ran, under the same key."""


@runtime_checkable
class RunsThere(Protocol):
    """A backend that can also run one-off work where its targets run, with a release's own image and settings."""

    def runner(self, target: Target, desired: Desired) -> LoggedRunner:
        """Return the runner; making it does nothing outside."""


@runtime_checkable
class Stops(Protocol):
    """A backend that can also end what it was asked to apply, while that goes on."""

    async def stop(self, target: Target, *, key: str, config: Section) -> None:
        """Ask that what was asked for under `key` ends, and return; what came of it is for `observe` to say.

        Asking twice is the same as asking once. What has ended, or was never asked for, stays as it is. `Retry` says
        when to ask again if it still goes on by then: more may be done to end it, or it could not be asked now.
        """


@runtime_checkable
class Output(Protocol):
    """A backend that can also show what a target's own programs print."""

    async def output(self, target: Target, *, config: Section, since: datetime, most: int) -> str:
        """Return the whole lines printed since a time; when they are more than `most` bytes, the newest of them.

        Of a line that is longer than that alone, it is the end.
        """


@runtime_checkable
class Preview(Protocol):
    """A backend that can also say what `apply` would change, for a plan that is only looked at."""

    async def preview(self, target: Target, desired: Desired) -> Sequence[str]:
        """Return lines for a person (``image: a → b``, ``- old``, ``+ new``); none when nothing would change."""


@runtime_checkable
class Inspector(Protocol):
    """A backend that can also say what it would run a release as, before it does."""

    async def inspect(self, target: Target, desired: Desired) -> ImageFacts:
        """Look at the release's image and at how the target would run it; `GaveUp` when there is no such image."""


@runtime_checkable
class Examined(Protocol):
    """A backend that can also say whether it has what it needs to run a target; `slipway doctor` asks."""

    async def examine(self, target: Target, *, config: Section) -> Sequence[Finding]:
        """Look, and change nothing; what cannot be asked is raised."""
