"""How a kind of backend makes the container of a wish. All of it blocks."""

from collections.abc import Mapping
from typing import Protocol

from integrations._docker.engine import Seen
from integrations._docker.record import Wish


class Maker(Protocol):
    """Makes containers of one target, as one section says. `alone`: only when nobody is leaving."""

    alone: bool

    def check(self, wish: Wish) -> None:
        """Refuse at once (`GaveUp`) what certainly cannot be made."""

    def make(self, wish: Wish, secrets: Mapping[str, str]) -> Seen:
        """Bring the wish's container into being and start it, beside what is there; twice is once."""

    def others(self, container: Seen) -> list[str]:
        """Return the ids of what has to leave when this one is live."""

    def settle(self, container: Seen) -> None:
        """Let it be found, and kept alive; twice is once."""
