"""A clock that a test moves, or that moves itself.

Hurried (the usual case), whoever sleeps moves the clock to the end of the sleep, so that a bake of ten minutes takes no
time; what a test has planned with `at` happens on the way. Not hurried, sleepers wait until the test moves the clock.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

Deed = Callable[[], Awaitable[object]]


class FakeClock:
    """Implements `bot.ports.Clock`."""

    def __init__(self, at: datetime = START, *, hurried: bool = True) -> None:
        self.hurried = hurried
        self._at = at
        self._planned: list[tuple[datetime, Deed]] = []
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """See `bot.ports.Clock`."""
        return self._at

    def move(self, by: timedelta) -> None:
        """Let time pass; whoever has slept long enough wakes."""
        self._at += by
        for until, sleeper in self._sleepers:
            if until <= self._at and not sleeper.done():
                sleeper.set_result(None)
        self._sleepers = [one for one in self._sleepers if not one[1].done()]

    def at(self, after: timedelta, deed: Deed) -> None:
        """Have something happen when so much more time has passed on the hurried clock."""
        self._planned.append((self._at + after, deed))

    @property
    def sleepers(self) -> int:
        """How many sleep now."""
        return sum(not sleeper.done() for _, sleeper in self._sleepers)

    async def sleep(self, duration: timedelta) -> None:
        """See `bot.ports.Clock`."""
        until = self._at + duration
        if self.hurried:
            await self._hurry(until)
            return
        if until <= self._at:
            await asyncio.sleep(0)
            return
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((until, sleeper))
        await sleeper

    async def _hurry(self, until: datetime) -> None:
        await asyncio.sleep(0)
        while due := sorted((one for one in self._planned if one[0] <= until), key=lambda one: one[0])[:1]:
            self._planned.remove(due[0])
            self._at = max(self._at, due[0][0])
            await due[0][1]()
        self._at = max(self._at, until)
