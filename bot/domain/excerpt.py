"""An excerpt: what the programs of a target had printed, as somebody asked to see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.pages import newest
from bot.domain.target import Target


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Masked text that was printed between two times, for one person's question; `more` says that it is not all."""

    id: int
    target: Target
    asked_by: str
    since: datetime
    until: datetime
    text: str
    more: bool = False

    @property
    def pages(self) -> list[str]:
        """The text as it is shown, oldest page first."""
        return newest(self.text)

    @property
    def span(self) -> timedelta:
        """How far back it looks."""
        return self.until - self.since
