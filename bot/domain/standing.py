"""How a target stands: what the ledger says, what was seen, what is held off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.crossing import Crossing
from bot.domain.errors import Refused
from bot.domain.operation import Operation, State
from bot.domain.release import Release
from bot.domain.target import Target


@dataclass(frozen=True, slots=True)
class Live:
    """What the ledger says of a target, and what was last seen there."""

    target: Target
    release_id: int | None
    operation_id: int | None
    key: str | None
    by: str | None
    since: datetime | None
    phase: str | None
    digest: str | None
    version: str | None
    detail: str
    observed_at: datetime | None

    @property
    def seen_dead(self) -> bool:
        """Whether nothing was seen to serve there when it was looked at last."""
        serves = self.digest is not None or self.version is not None or self.phase in {"live", "unknown"}
        return self.observed_at is not None and not serves


@dataclass(frozen=True, slots=True)
class Glance:
    """What the ledger took a target to run at one moment, in numbers: so that one can tell later what has moved since.

    `operation` brought what is `live`. While an operation is `unknown` there, the target is taken to run what that was
    `bringing`: it is what a rollback leaves.
    """

    live: int | None = None
    operation: int | None = None
    unknown: int | None = None
    bringing: int | None = None

    @property
    def release(self) -> int | None:
        """The release that the target is taken to run."""
        return self.bringing if self.unknown is not None else self.live

    @property
    def newest(self) -> int:
        """The operation that touched the target last, as far as is known; 0 when none ever did."""
        return max(self.operation or 0, self.unknown or 0)

    def still(self, now: "Glance") -> bool:
        """Whether what was to be left then is what is to be left now, as far as anybody can tell.

        When the unknown has been settled as failed, the ledger is back at what it knew before; as long as nothing was
        brought there since, who wanted to leave what could not be told wants it still.
        """
        if now.release == self.release:
            return True
        settled = self.unknown is not None and now.unknown is None
        return settled and now.live == self.live and now.operation in {self.operation, self.unknown}

    @property
    def written(self) -> str:
        """The glance as a window carries it from its opening to its sending."""
        return ".".join(str(number or 0) for number in (self.live, self.operation, self.unknown, self.bringing))

    @classmethod
    def read(cls, written: str) -> "Glance":
        """Return what was written; `Refused` when it is nothing that a window of ours carries."""
        parts = written.split(".")
        if len(parts) != len(cls.__slots__) or not all(part.isascii() and part.isdecimal() for part in parts):
            raise Refused("That window is from another time; open it again.")
        return cls(*(int(part[:18]) or None for part in parts))


@dataclass(frozen=True, slots=True)
class Rest:
    """What a target runs by the ledger, and since which operation, while no operation is at it."""

    release_id: int | None = None
    operation_id: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What a target is taken to run, and the releases it can go back to, newest first, each with when it was good.

    `across` says of those that have one which irreversible migrations stand between, by release.
    """

    target: Target
    left: Glance
    release: Release | None
    good: Sequence[tuple[Release, datetime]]
    across: Mapping[int, tuple[Crossing, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sight:
    """What stood on a target when somebody asked for something.

    `hold` is the newest that stood there, `going_back` the operation that was to take it back, or was at it, and
    `coming` one that was bringing something which did not serve yet.
    """

    glance: Glance
    changed_at: datetime | None = None
    hold: int | None = None
    going_back: int | None = None
    coming: int | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A release that is held off a target: it was rolled back from there. `id` is the hold's own number."""

    id: int
    target: Target
    release_id: int
    change_id: int
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A target: what the ledger says is live there, what was seen there, and who holds it.

    `found` is what ran there when the holder began.
    `brought` is the operation that touched last what is live; `held` the releases that are held off and would else be
    brought there: what is older than what is live is no longer news.
    """

    target: Target
    live: Live | None
    release: Release | None
    holder: Operation | None
    brought: Operation | None = None
    held: Sequence[tuple[Hold, Release]] = ()
    found: Release | None = None

    @property
    def failed(self) -> bool:
        """Whether the operation that touched last what is live failed: what it brought, or went back to, was left."""
        return self.brought is not None and self.brought.state is State.FAILED

    @property
    def drift(self) -> str | None:
        """Say how what was seen differs from what the ledger says, or None; None too when nothing was seen yet."""
        if self.live is None or self.live.observed_at is None or self.holder is not None:
            return None
        if self.live.phase == "unknown":
            return f"cannot be seen: {self.live.detail}"
        expected = self.release.digest if self.release else None
        if self.live.digest == expected:
            return None
        return f"{self.live.version or self.live.digest or 'nothing'} runs there"
