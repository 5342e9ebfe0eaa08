"""A whole `slipway up` of one's own: real processes, ports that nobody else has, and nothing left behind.

with stage(tmp_path) as running:
    running.get("/driver/people")
"""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from bot.locked import Taken, locked

HUNDREDS = range(100, 320)  # ports 10000 to 31999: below those that systems give away by themselves
PAGE, BOT, WATCHER, KEEPER, PROXY = 90, 91, 92, 93, 94  # the last: Prometheus, Alertmanager, and what is before the bot
USED = (11, 12, 21, 22, 31, 32, PAGE, BOT, WATCHER, KEEPER, PROXY)


@contextmanager
def hundred() -> Iterator[int]:
    """Give the first digits of a hundred ports that are free, and keep other tests off them for the block."""
    claims = Path(tempfile.gettempdir()) / "slipway-test-ports"
    claims.mkdir(exist_ok=True)
    for digits in random.sample(HUNDREDS, len(HUNDREDS)):
        with suppress(Taken), locked(claims / str(digits)):
            if all(is_free(digits * 100 + last) for last in USED):
                yield digits
                return
    raise RuntimeError("no hundred ports are free on this machine")


def is_free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return True
    return False


def until(true: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until something is true of a real process."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}"
        time.sleep(0.05)


@dataclass
class Running:
    """A `slipway up` that was started: what it said, and how to talk with it."""

    process: "subprocess.Popen[str]"
    folder: Path
    digits: int
    ready: str = ""
    _children: list[psutil.Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.digits * 100 + PAGE}"

    @property
    def told(self) -> str:
        """What it told on standard error."""
        return told_of(self.folder).read_text()

    def await_ready(self) -> None:
        assert self.process.stdout is not None
        self.ready = self.process.stdout.readline()
        assert self.ready == f"ready {self.url}\n", f"not ready: {self.told}"
        self._children = psutil.Process(self.process.pid).children(recursive=True)

    def get(self, path: str) -> object:
        """Ask and return the JSON (or the text) that comes back with 200."""
        return self.ask("GET", path)

    def post(self, path: str, **body: object) -> object:
        return self.ask("POST", path, body)

    def ask(self, method: str, path: str, body: object = None) -> object:
        status, said = fetch(self.url + path, method, body)
        assert status == 200, f"{method} {path}: {status} {said}"
        return json.loads(said) if said[:1] in ("{", "[") else said

    def bot_url(self) -> str:
        info = self.get("/driver/info")
        assert isinstance(info, dict)
        return str(info["bot_url"])

    def bot_is_ready(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return fetch(f"{self.bot_url()}/readyz")[0] == 200
        return False

    def bot(self) -> psutil.Process:
        """The bot's process."""
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if "serve" in child.cmdline())

    def interrupt(self) -> int:
        """Ctrl-C, and the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)

    def rest(self) -> list[psutil.Process]:
        """What is still alive of all that was started."""
        return [child for child in self._children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]

    def clean_up(self) -> None:
        """Leave nothing behind, whatever the test did; nor anything of another run on the same folder."""
        with suppress(psutil.NoSuchProcess):
            self._children += psutil.Process(self.process.pid).children(recursive=True)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=30)
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        for process in [*self.rest(), *of_folder(self.folder)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()


def of_folder(folder: Path) -> list[psutil.Process]:
    """Processes that name a data folder in their arguments: the database, the process host."""
    return [p for p in psutil.process_iter(["cmdline"]) if any(str(folder) in word for word in p.info["cmdline"] or [])]


def told_of(folder: Path) -> Path:
    """Where a run on a data folder tells what goes on: beside it, or above it where there is no such place."""
    home = next(parent for parent in folder.parents if parent.is_dir())
    return home / f"{folder.name}.told"


def fetch(url: str, method: str = "GET", body: object = None) -> tuple[int, str]:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)
    try:
        payload = None if body is None else json.dumps(body)
        path = f"{where.path or '/'}{'?' + where.query if where.query else ''}"
        connection.request(method, path, body=payload, headers={"Content-Type": "application/json"} if payload else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def start(folder: Path, digits: int, *options: str, **more: str) -> Running:
    """Type `slipway up` and do not wait; `more` are variables of its environment."""
    argv = [sys.executable, "-m", "bot.cli", "up", "--no-browser", "--data", str(folder)]
    argv += ["--port", str(digits * 100 + PAGE), "--example-ports", str(digits), *options]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "SLIPWAY_", "DATABASE_"))
    }
    with told_of(folder).open("w") as told:
        process = subprocess.Popen(
            argv,
            cwd=told_of(folder).parent,
            env=environment | more,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
            start_new_session=True,
        )
    return Running(process, folder, digits)


@contextmanager
def stage(folder: Path, digits: int, *options: str, **more: str) -> Iterator[Running]:
    """Start everything, wait until it is ready, and leave nothing behind."""
    running = start(folder, digits, *options, **more)
    try:
        running.await_ready()
        yield running
    finally:
        running.clean_up()
