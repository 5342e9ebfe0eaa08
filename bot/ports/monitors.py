"""What Slipway asks of monitors: what fires, and that something be silent for a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.silence import Matcher, Sight


class Silences(Protocol):
    """Silences and alerts of an Alertmanager, and of its peers: they know the same, a moment later.

    `Retry` means that nothing has happened. What was sent off and got no answer is `Unclear`: look before it is done
    again.
    """

    async def look(self) -> Sight:
        """Return what fires, and every silence there is."""

    async def make(
        self, matchers: Sequence[Matcher], *, ends_at: datetime, by: str, comment: str, instead: str | None = None
    ) -> str:
        """Make a silence, or (`instead` is an id) change one; return its id, which may be another than it was."""

    async def end(self, silence_id: str) -> None:
        """End a silence; one that has ended, or is not known, is as it should be."""
