"""What tests of real processes share: the real time, patience with a deadline, and a bot that can be killed."""

import asyncio
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

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


async def load(port: int, seen: Counter[str], lost: list[str], over: asyncio.Event, *, keep_alive: bool) -> None:
    """Ask without pause until it is over; count versions, and everything that is not an answer."""
    connector = aiohttp.TCPConnector(force_close=not keep_alive)
    async with aiohttp.ClientSession(connector=connector) as session:
        while not over.is_set():
            try:
                async with session.get(f"http://127.0.0.1:{port}/") as answer:
                    text = await answer.text()
                    seen[text] += 1
                    if answer.status != 200:
                        lost.append(f"HTTP {answer.status} {text}")
            except aiohttp.ClientError as error:
                lost.append(repr(error))
