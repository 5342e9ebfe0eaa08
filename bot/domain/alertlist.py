"""Alert groups as a list shows them: what each is called, how many of it fire, and since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.alertgroup import Group


@dataclass(frozen=True, slots=True)
class Listed:
    """A group in a list. `names` is how many different names its alerts have; `title` is the first of them."""

    group: Group
    title: str
    names: int = 1
    firing: int = 1
    since: datetime | None = None

    @property
    def called(self) -> str:
        """What it is called."""
        return self.title + (f" and {self.names - 1} more" if self.names > 1 else "")


@dataclass(frozen=True, slots=True)
class Listing:
    """Groups on a page, people's names by id, and where cards are read by the group's number; `more` follow."""

    groups: Sequence[Listed]
    now: datetime
    names: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[int, str] = field(default_factory=dict)
    page: int = 1
    more: bool = False
