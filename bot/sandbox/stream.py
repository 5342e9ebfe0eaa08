"""What the pages hear: one JSON per event, to every open page of the people it concerns.

A page that cannot keep up is cut off rather than slowed down for (it reconnects and reads everything afresh); so a
queue here is bounded and nothing waits for a browser.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

from .wire import Json

BACKLOG = 2_000


class Listener:
    """One open page of one person."""

    def __init__(self, person: str) -> None:
        self.person = person
        self._queue: asyncio.Queue[Json | None] = asyncio.Queue(BACKLOG)

    def hear(self, event: Json | None) -> None:
        """Take the event; None, or more than the backlog, ends the stream."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(None)

    async def next(self, *, within: float) -> Json | None:
        """Return the next event, or None at the end. Raises TimeoutError when nothing came within the seconds."""
        return await asyncio.wait_for(self._queue.get(), within)


class Stream:
    """All open pages."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._closed = False

    async def listen(self, person: str, *, heartbeat: float) -> AsyncIterator[Json | None]:
        """Yield what the person hears from now on, and None after each `heartbeat` seconds of silence."""
        listener = Listener(person)
        self._listeners.add(listener)
        try:
            yield {"kind": "hello", "as": person}
            while not self._closed:
                try:
                    event = await listener.next(within=heartbeat)
                except TimeoutError:
                    yield None
                    continue
                if event is None:
                    return
                yield event
        finally:
            self._listeners.discard(listener)

    def tell(self, people: Iterable[str], event: Json) -> None:
        """Tell the open pages of these people."""
        wanted = set(people)
        for listener in self._listeners:
            if listener.person in wanted:
                listener.hear(event)

    def tell_all(self, event: Json) -> None:
        """Tell every open page."""
        for listener in self._listeners:
            listener.hear(event)

    def close(self) -> None:
        """End every stream, so that a server can stop."""
        self._closed = True
        for listener in self._listeners:
            listener.hear(None)
