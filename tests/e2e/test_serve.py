"""`slipway serve` as a system would run it: started, asked whether it is ready, and told to end."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from bot.samples import make_repository
from tests.e2e.stage import fetch, until

ROOT = Path(__file__).parents[2]


def environment(data: Path) -> dict[str, str]:
    return {
        **os.environ,
        "SLACK_BOT_TOKEN": "xoxb-of-a-test",
        "SLACK_SIGNING_SECRET": "of a test",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",  # nobody is there: Slack is away
        "SLIPWAY_DATA": str(data),
        "SLIPWAY_CATALOG": str(ROOT / "slipway.yml"),
    }


@contextmanager
def served(data: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """Run it with a database of its own; give the process and its address."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    command = [sys.executable, "-m", "bot.cli", "serve", "--port", str(port)]
    with (data.parent / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment(data), cwd=ROOT, stdout=log, stderr=log)
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def is_up(url: str) -> bool:
    try:
        return fetch(f"{url}/healthz")[0] == 200
    except OSError:
        return False


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_stops_in_order_and_leaves_no_database_behind(tmp_path: Path, told: signal.Signals) -> None:
    data = tmp_path / "data"
    make_repository(data)
    with served(data) as (process, url):
        until(lambda: is_up(url), "the bot answers")
        database = [one for one in psutil.Process(process.pid).children() if "postgres" in one.name()]
        process.send_signal(told)
        status = process.wait(timeout=60)

    assert len(database) == 1
    assert not database[0].is_running()
    assert status in ({0} if told == signal.SIGTERM else {0, 128 + signal.SIGINT})
    assert "database system is shut down" in (data / "postgres.log").read_text()


def test_what_was_tried_with_the_local_slack_is_not_served_to_the_real_one(tmp_path: Path) -> None:
    (tmp_path / "data" / "slack").mkdir(parents=True)
    with served(tmp_path / "data") as (process, _):
        status = process.wait(timeout=60)

    said = (tmp_path / "log").read_text()
    assert status == 1
    assert f"{tmp_path / 'data'} holds what `slipway up` tried" in said
    assert "Set SLIPWAY_DATA to a folder for the real one" in said
