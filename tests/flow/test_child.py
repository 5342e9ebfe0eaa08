"""The bot as a child that is kept alive: real processes, a real clock."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from bot.domain.errors import Refused
from bot.up.child import Child, handed_on, kept

SLEEPS = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
REFUSES = "import sys; print('SLACK_BOT_TOKEN is not set', file=sys.stderr); sys.exit(1)"


def a_child(folder: Path, program: str, said: list[str]) -> Child:
    return Child([sys.executable, "-c", program], dict(os.environ), folder / "bot.log", said.append, asyncio.Event())


async def until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.02)


def is_up(folder: Path, times: int = 1) -> Callable[[], bool]:
    log = folder / "bot.log"
    return lambda: log.exists() and log.read_text().count("up") >= times


async def test_a_killed_child_is_started_again_and_it_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    child = a_child(tmp_path, SLEEPS, said)
    async with kept(child):
        await until(is_up(tmp_path))
        assert child.process is not None
        first = child.process.pid
        child.process.kill()
        await until(is_up(tmp_path, times=2))
        second = child.process.pid

    assert first != second
    assert "The bot ended (SIGKILL) and is started again in 0.5 s" in said[0]
    assert not psutil.pid_exists(second)


async def test_a_child_that_does_not_want_to_start_ends_everything_with_its_words(tmp_path: Path) -> None:
    async with kept(a_child(tmp_path, REFUSES, [])) as task:
        with pytest.raises(Refused, match="The bot does not start:\nSLACK_BOT_TOKEN is not set"):
            await task


async def test_a_child_that_was_ready_once_is_never_given_up(tmp_path: Path) -> None:
    said: list[str] = []
    child = a_child(tmp_path, REFUSES, said)
    child.was_ready = True
    async with kept(child) as task:
        await until(lambda: len(said) >= 2)
        assert not task.done()

    assert "exit code 1" in said[0]


async def test_a_stubborn_child_is_killed_when_somebody_hurries(tmp_path: Path) -> None:
    said: list[str] = []
    child = a_child(tmp_path, STUBBORN, said)
    began = time.monotonic()
    async with kept(child):
        await until(is_up(tmp_path))
        child.hurry.set()

    assert time.monotonic() - began < 10
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL
    assert said[-1] == "The bot takes too long and is killed; it resumes at the next start."


async def test_the_child_sees_its_input_end_when_we_are_gone(tmp_path: Path) -> None:
    child = a_child(tmp_path, "import sys; print('up', flush=True); sys.stdin.read(); print('gone')", [])
    async with kept(child):
        await until(is_up(tmp_path))
        assert child.process is not None
        assert child.process.stdin is not None
        child.process.stdin.close()
        await until(lambda: "gone" in (tmp_path / "bot.log").read_text())


def test_the_secrets_that_a_catalog_names_are_handed_on_and_what_is_set_for_another_bot_is_not() -> None:
    secrets = {"DATABASE_URL_STAGING": "postgresql://a", "DATABASE_URL_FILE": "/run/url", "BACKUP_KEY": "k"}
    another = {"DATABASE_URL": "postgresql://b", "SLACK_BOT_TOKEN": "xoxb-1", "SLIPWAY_PORT": "1"}

    assert handed_on(secrets | another) == secrets
