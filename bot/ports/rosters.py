"""Where else it is said who is on call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Told:
    """A span of time, and what is said of who has it: email, name, title; the most certain first."""

    start: datetime
    end: datetime
    said: Sequence[str]


class Roster(Protocol):
    """A calendar, or a schedule of another system."""

    async def spans(self, *, since: datetime, until: datetime) -> Sequence[Told]:
        """Return who has what of the time between two moments."""
