"""Programs under measurement: each in a process of its own, started, awaited, weighed, and ended whatever happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection, socket

import psutil
import psycopg
from psycopg import sql

from bot.ledger.migrate import upgrade

PATIENCE = 60.0
_PAUSE = 0.002
_ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@dataclass(frozen=True)
class Served:
    """A program that answers, and how long after its start it first did."""

    process: subprocess.Popen[bytes]
    port: int
    seconds: float

    def megabytes(self) -> tuple[float, float]:
        """Return what it holds in memory: resident, and the proportional share (PSS) of it and all that it started.

        What a program that it starts has in common with it for a moment is in the second figure once, not twice.
        """
        whole = psutil.Process(self.process.pid)
        shares = []
        for one in [whole, *whole.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):  # what it started may end while we look
                memory = one.memory_full_info()
                shares.append(getattr(memory, "pss", memory.rss))
        return whole.memory_info().rss / 2**20, sum(shares) / 2**20


@contextmanager
def serving(
    words: Sequence[str], port: int, environment: Mapping[str, str], log: Path, *, tells: bool = False
) -> Iterator[Served]:
    """Run a Python program for the block, once its `/healthz` answers 200; one that `tells` has a pipe to us."""
    began = time.perf_counter()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *words],
            env={**os.environ, **environment},
            cwd=_ROOT,
            stdout=subprocess.PIPE if tells else output,
            stderr=output,
        )
    try:
        _await_health(process, port, log)
        yield Served(process, port, time.perf_counter() - began)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_health(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"it ended with {process.returncode}: {log.read_text(errors='replace')[-2000:]}")
        if _healthy(port):
            return
        time.sleep(_PAUSE)
    raise RuntimeError(f"it does not answer: {log.read_text(errors='replace')[-2000:]}")


def _healthy(port: int) -> bool:
    try:
        with create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def own_database(url: str, name: str) -> str:
    """Make an empty ledger beside the one at an address, so that no case works off what another has left."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(f"bench_{name}")))
    own = url.replace("/postgres?", f"/bench_{name}?")
    upgrade(own)
    return own


@dataclass
class Load:
    """The load generator."""

    process: subprocess.Popen[str]

    def send(self, order: Mapping[str, object]) -> list[float]:
        """Have a round sent; return how long each took, in milliseconds."""
        return [took for _, took in self._sent(order)]

    def send_one(self, order: Mapping[str, object]) -> float:
        """Have a single one sent; return when it was, in seconds on the monotonic clock."""
        ((began, _),) = self._sent({**order, "count": 1, "in_flight": 1})
        return began

    def _sent(self, order: Mapping[str, object]) -> list[tuple[float, float]]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the load generator ended; its words are above")
        return [(float(began), float(took)) for began, took in json.loads(line)]


@contextmanager
def load_generator() -> Iterator[Load]:
    """Run the load generator for the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.load"], cwd=_ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield Load(process)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def local_slack(folder: Path) -> Iterator[dict[str, str]]:
    """Run a local Slack for the block; return what an app's environment needs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.sandbox", "--port", "0", "--data", str(folder)],
        cwd=_ROOT,
        text=True,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    try:
        said: dict[str, str] = {}
        for line in process.stdout:
            name, equals, value = line.strip().partition("=")
            if equals:
                said[name] = value
            if line.startswith("ready"):
                break
        said.pop("SLACK_APP_TOKEN")  # HTTP, not Socket Mode
        yield said
    finally:
        process.terminate()
        process.wait()
