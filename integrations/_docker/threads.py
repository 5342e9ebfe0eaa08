"""The threads in which one engine is asked: its own, so that one that is silent holds up nobody who asks another.

Looks are short and have a deadline, for somebody waits for the answer; deeds take as long as they take. They do not
wait for each other either: many deeds at once, such as pulling images, keep nobody from looking.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.domain.errors import Retry

Answer = TypeVar("Answer")
_LOOKS, _DEEDS = 8, 24
PATIENCE = 8.0  # seconds; whoever asks the host waits for ten


class Unreachable(Retry):
    """Nobody answers: what was asked may have been done or not."""


class Threads:
    """Of one engine, at `where`. None is there before it is needed."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._looks = ThreadPoolExecutor(_LOOKS, "engine-look")
        self._deeds = ThreadPoolExecutor(_DEEDS, "engine-deed")

    async def look(self, work: Callable[..., Answer], *given: object, within: float = PATIENCE) -> Answer:
        """Look in a thread; `Unreachable` when that takes longer than so many seconds."""
        looking = asyncio.get_running_loop().run_in_executor(self._looks, lambda: work(*given))
        try:
            async with asyncio.timeout(within):
                return await looking
        except TimeoutError as error:
            raise Unreachable(f"the Docker Engine ({self._where}) did not answer within {within:g}s") from error

    async def deed(self, work: Callable[..., Answer], *given: object) -> Answer:
        """Do something in a thread, however long it takes."""
        return await asyncio.get_running_loop().run_in_executor(self._deeds, lambda: work(*given))

    def close(self) -> None:
        """Begin nothing more; what runs comes to its end by itself."""
        for pool in (self._looks, self._deeds):
            pool.shutdown(wait=False, cancel_futures=True)
