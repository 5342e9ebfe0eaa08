"""What Slipway asks of the world outside: roles with the fewest verbs that work.

Every method may raise `Retry` (not now) or `GaveUp` (never) from bot.domain.errors; anything else that comes out is
a bug in the adapter. Adapters hold no loops, no sleeps and no policy: waiting and judging are the engine's.
Each role has a real local implementation in integrations/ and a contract test in tests/contract/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

from bot.domain.check import Check
from bot.domain.observation import ImageFacts, LogChunk, Observed, Run, Sample, Series
from bot.domain.release import Candidate, Commit, Release
from bot.domain.target import Target


class Clock(Protocol):
    """The one source of time, so that a test can move it."""

    def now(self) -> datetime:
        """Return the present as aware UTC."""

    async def sleep(self, duration: timedelta) -> None:
        """Return when the duration has passed on this clock."""


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
        """Return the whole lines from `offset` bytes on, at most 64 kB; an unknown key has an empty log."""


class LoggedRunner(Runner, Logs, Protocol):
    """A runner that keeps the output of what it ran, under the same key."""


@runtime_checkable
class RunsThere(Protocol):
    """A backend that can also run one-off work where its targets run, with a release's own image and settings."""

    def runner(self, target: Target, desired: Desired) -> LoggedRunner:
        """Return the runner; making it does nothing outside."""


@runtime_checkable
class Output(Protocol):
    """A backend that can also show what a target's own programs print."""

    async def output(self, target: Target, *, config: Section, since: datetime, most: int) -> str:
        """Return the whole lines printed since a time; when they are more than `most` bytes, the newest of them."""


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
class Checks(Protocol):
    """What others have said of a commit: test runs, scanners, reviews."""

    async def checks(self, service: str, commit: str) -> Sequence[Check]:
        """Return every check there is for the commit, each by its newest run."""


class Metrics(Protocol):
    """What Prometheus knows."""

    async def instant(self, query: str, *, at: datetime | None = None) -> Sequence[Series]:
        """Return the series a PromQL query gives at a time, each with one point; `GaveUp` for a query that is wrong."""

    async def range(self, query: str, *, start: datetime, end: datetime, step: timedelta) -> Sequence[Series]:
        """Return the series a PromQL query gives over a time."""


class Secrets(Protocol):
    """Where secrets are kept. What is read is masked from then on, in whatever is logged, written down or said."""

    def read(self, name: str) -> str:
        """Return a secret by its name; `GaveUp` names what is to be set, and where."""


class Releases(Protocol):
    """Where candidates come from."""

    async def latest(self, service: str, branch: str) -> Candidate | None:
        """Return the newest candidate on the branch, or None when the branch holds none."""

    async def find(self, service: str, word: str) -> Candidate | None:
        """Return the candidate a person means by a version, a branch, or (a part of) a commit id; None if none is."""


class Builds(Protocol):
    """How artefacts are made of commits."""

    def invocation(self, service: str, commit: str) -> Invocation:
        """Return the command that builds the commit's artefact; it leaves ``digest=sha256:<hex>`` in its result."""


class History(Protocol):
    """What is known of the commits behind releases."""

    async def between(self, service: str, old: str | None, new: str) -> Sequence[Commit]:
        """Return the commits that `new` has and `old` has not, newest first, at most 200."""

    async def order(self, service: str, commits: Sequence[str]) -> Sequence[str]:
        """Return those of the commits that it knows, newest first: what grew from another stands before it.

        Where neither grew from the other, their times decide.
        """

    async def contains(self, service: str, branch: str, *, commit: str, tree: str) -> bool:
        """Whether the branch holds the commit, or a commit with the same tree for the service's folder."""


class Probe(Protocol):
    """Asks a service how it is, from outside."""

    async def check(self, url: str, *, status: int, contains: str | None, patience: timedelta) -> Sample:
        """Ask once. A wrong answer, or none in time, is a Sample that is not ok; it is never an exception."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack. `zone` is an IANA time zone name."""

    id: str
    name: str
    zone: str = "UTC"
    deleted: bool = False
    guest: bool = False
    bot: bool = False

    @property
    def has_say(self) -> bool:
        """Whether being in a group gives them a right."""
        return not (self.deleted or self.guest or self.bot)


class Directory(Protocol):
    """Who people are, and which groups they belong to."""

    async def person(self, user_id: str) -> Person:
        """Return the person; `GaveUp` when there is no such user."""

    async def members(self, usergroup: str) -> frozenset[str]:
        """Return the user ids in a Slack usergroup, by its handle; `GaveUp` when there is no such group."""

    async def renew(self, usergroup: str) -> frozenset[str]:
        """Return the same, asked anew; what was remembered of the group is replaced."""

    async def mention(self, usergroup: str) -> str:
        """Return the mark-up that calls a usergroup, or its bare handle when there is no such group."""

    def link(self, channel: str, ts: str) -> str | None:
        """Return where a message is read, without asking Slack; None while the workspace's address is not known."""


class Unclear(Exception):  # noqa: N818 - it says what is known: nothing
    """A message was sent off and no answer came: it may be there or not. Look before posting again."""


class Gone(Exception):  # noqa: N818 - it says what is known
    """The message, or the channel it should be in, is no longer there; `place` says which."""

    def __init__(self, place: Literal["message", "channel"], reason: str) -> None:
        super().__init__(reason)
        self.place = place
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is: a channel's id and the message's timestamp in it."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A message as it goes to Slack: text, blocks, and the metadata by which it is found again."""

    text: str
    blocks: Sequence[Mapping[str, object]]
    metadata: Mapping[str, object] = field(default_factory=dict)


class Board(Protocol):
    """Where cards hang: Slack's channels. `Retry` carries how long a 429 asks to wait; see `Unclear` and `Gone`."""

    async def channel_id(self, name: str) -> str:
        """Return the id of a channel by its name; an id is returned as it is."""

    async def post(self, channel: str, paper: Paper, *, thread_ts: str | None = None) -> Place:
        """Post a message, in a thread where one is given. A person's id as the channel is a direct message."""

    async def update(self, place: Place, paper: Paper) -> None:
        """Replace what a message shows."""

    async def find(self, channel: str, card: str, *, since: datetime, thread_ts: str | None = None) -> Place | None:
        """Look for the message of a card among what was posted since a time, by its metadata."""

    async def whisper(self, channel: str, person: str, paper: Paper) -> None:
        """Tell one person something that nobody else sees, in a channel or, where that is not possible, directly."""
