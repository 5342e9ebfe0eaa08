"""How a target stands: what the ledger says, what was seen, what is held off."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.operation import Operation
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


@dataclass(frozen=True, slots=True)
class Hold:
    """A release that is held off a target: it was rolled back from there."""

    target: Target
    release_id: int
    change_id: int
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A target: what the ledger says is live there, what was seen there, and who holds it."""

    target: Target
    live: Live | None
    release: Release | None
    holder: Operation | None

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
