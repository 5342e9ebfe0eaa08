"""What a deploy is surrounded by: time, secrets, copies of databases, and those who say how a service is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.observation import Sample, Series
from bot.ports.where import Invocation


class Clock(Protocol):
    """The one source of time, so that a test can move it."""

    def now(self) -> datetime:
        """Return the present as aware UTC."""

    async def sleep(self, duration: timedelta) -> None:
        """Return when the duration has passed on this clock."""


class Secrets(Protocol):
    """Where secrets are kept. What is read is masked from then on, in whatever is logged, written down or said."""

    def read(self, name: str) -> str:
        """Return a secret by its name; `GaveUp` names what is to be set, and where."""


@dataclass(frozen=True, slots=True)
class Copying:
    """A copy of a database that is to be made, under a file's `name` that no other has.

    `database` names the secret with the address, `key` the one with the age identity that opens the copy. The newest
    copy of an `owner`'s `database` is always kept. Without `folder` it goes to the backups' own; `programs` is where
    pg_dump and pg_restore are, when others are meant.
    """

    database: str
    key: str
    owner: str
    name: str
    folder: str | None = None
    keep: timedelta = timedelta(days=30)
    programs: str | None = None
    timeout: timedelta = timedelta(hours=1)


class Backups(Protocol):
    """How copies of databases are made."""

    def invocation(self, copying: Copying) -> Invocation:
        """Return the command that makes the copy, encrypts it and reads it back; `GaveUp` names a secret that is wrong.

        It leaves ``path``, ``sha256``, ``size`` and ``tables`` in its result, or ``error`` in the words of what failed.
        """


class Metrics(Protocol):
    """What Prometheus knows."""

    async def instant(self, query: str, *, at: datetime | None = None) -> Sequence[Series]:
        """Return the series a PromQL query gives at a time, each with one point; `GaveUp` for a query that is wrong."""

    async def range(self, query: str, *, start: datetime, end: datetime, step: timedelta) -> Sequence[Series]:
        """Return the series a PromQL query gives over a time."""


class Probe(Protocol):
    """Asks a service how it is, from outside."""

    async def check(self, url: str, *, status: int, contains: str | None, patience: timedelta) -> Sample:
        """Ask once. A wrong answer, or none in time, is a Sample that is not ok; it is never an exception."""

    async def reach(self, host: str, port: int, *, patience: timedelta) -> Sample:
        """Connect over TCP, once, and hang up; as above."""
