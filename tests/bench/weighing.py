"""What a program holds in memory at most while something goes on: it is weighed again and again, from beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.bench.serving import Served

EVERY = 0.05  # seconds
REST = 5.0  # seconds until it is at rest


@dataclass
class Weight:
    """Megabytes: resident, and the proportional share (PSS)."""

    rss: float
    pss: float


def at_rest(bot: Served) -> Weight:
    """Return what it holds when it has nothing to do."""
    time.sleep(REST)
    return Weight(*bot.megabytes())


@contextmanager
def peak(bot: Served) -> Iterator[Weight]:
    """Weigh it throughout the block; what is given holds the most of each when the block ends."""
    most, over = Weight(0.0, 0.0), threading.Event()

    def weigh() -> None:
        while not over.wait(EVERY):
            rss, pss = bot.megabytes()
            most.rss, most.pss = max(most.rss, rss), max(most.pss, pss)

    weighing = threading.Thread(target=weigh)
    weighing.start()
    try:
        yield most
    finally:
        over.set()
        weighing.join()
