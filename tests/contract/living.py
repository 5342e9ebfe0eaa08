"""What tests of real processes share: the real time, patience with a deadline, and a bot that can be killed."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.plugins import Surroundings
from integrations.environment_secrets import EnvironmentSecrets

ROOT = Path(__file__).parents[2]


class WallClock:
    """The real time: what is tested with it are real processes."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), UTC)

    async def sleep(self, duration: timedelta) -> None:
        await asyncio.sleep(duration.total_seconds())


def surroundings(data: Path, **secrets: str) -> Surroundings:
    """Return what an adapter stands on: the real time, and these secrets."""
    return Surroundings(data, WallClock(), EnvironmentSecrets(secrets, lambda _: None))


async def until(look: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Poll something real until it is so, or fail."""
    deadline = time.monotonic() + seconds
    while not await look():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        await asyncio.sleep(0.02)


def a_bot(code: str, *words: str) -> "subprocess.Popen[bytes]":
    """Start a process that stands for the bot, in a session of its own, to be killed. `code` sees the project."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def heard(bot: "subprocess.Popen[bytes]") -> str:
    """Wait for a line that the bot says."""
    assert bot.stdout is not None
    return bot.stdout.readline().decode().strip()


def told(bot: "subprocess.Popen[bytes]") -> None:
    """Give the bot the line that it waits for."""
    assert bot.stdin is not None
    bot.stdin.write(b"\n")
    bot.stdin.flush()
