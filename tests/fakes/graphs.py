"""Who draws and who keeps pictures, in memory: what was drawn and kept is there to be looked at."""

from dataclasses import dataclass, field

from bot.domain.errors import GaveUp, Retry
from bot.domain.graph import Graph

PNG = b"\x89PNG of a test"


@dataclass
class ScriptedPlots:
    """Implements `bot.ports.Plots`."""

    drawn: list[Graph] = field(default_factory=list)
    fails: Retry | GaveUp | None = None

    async def draw(self, graph: Graph) -> bytes:
        """See `bot.ports.Plots`."""
        if self.fails is not None:
            raise self.fails
        self.drawn.append(graph)
        return PNG


@dataclass
class KeptPictures:
    """Implements `bot.ports.Pictures`."""

    kept: list[str] = field(default_factory=list)  # what each shows
    fails: Retry | GaveUp | None = None

    async def keep(self, png: bytes, *, name: str, says: str) -> str:
        """See `bot.ports.Pictures`."""
        assert png == PNG
        assert name.endswith(".png")
        if self.fails is not None:
            raise self.fails
        self.kept.append(says)
        return f"F{len(self.kept):010d}"
