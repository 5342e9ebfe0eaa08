"""Graphs: who draws them, and who keeps the pictures so that messages can show them."""

from typing import Protocol

from bot.domain.graph import Graph


class Plots(Protocol):
    """Who draws graphs."""

    async def draw(self, graph: Graph) -> bytes:
        """Return a graph as a PNG that is read on a phone; `Retry` when it takes too long. Nobody else waits for it."""


class Pictures(Protocol):
    """Where pictures are kept that messages show."""

    async def keep(self, png: bytes, *, name: str, says: str) -> str:
        """Keep a picture and return its number; nobody sees it until a message shows it.

        `says` is what it shows, in words. Doing it twice leaves one that nobody sees.
        """
