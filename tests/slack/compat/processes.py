"""The processes of a compatibility run: the local Slack by itself, and an app in Slack's own framework beside it."""

import contextlib
import hashlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PATIENCE = 20.0
_POLL = 0.05
_READY = "ready"

Found = TypeVar("Found")


def eventually(find: Callable[[], Found | None], what: str, patience: float = PATIENCE) -> Found:
    """Look until something is found: real processes answer when they do."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = find()
        if found:
            return found
        time.sleep(_POLL)
    raise AssertionError(f"{what}: not within {patience:g} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int, path: str = "/") -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    except OSError:
        return False
    else:
        return True
    finally:
        connection.close()


@contextmanager
def running(command: list[str], log: Path, environment: Mapping[str, str], ready: Callable[[], bool]) -> Iterator[None]:
    """Run a program until the block ends; its output is in `log`, and in the error when it does not get ready."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, env=dict(os.environ) | dict(environment)
        )
    try:
        try:
            eventually(lambda: process.poll() is not None or ready(), f"{command[:3]} gets ready")
            assert process.poll() is None, f"{command[:3]} ended with {process.returncode}"
        except AssertionError as error:
            raise AssertionError(f"{error}\n{log.read_text(errors='replace')[-4000:]}") from error
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def local_slack(folder: Path, manifest: Path, request_url: str | None) -> Iterator[int]:
    """Run the local Slack by itself; the port it listens on."""
    log = folder / "slack.log"
    command = [sys.executable, "-m", "bot.sandbox", "--port", "0"]
    command += ["--data", str(folder / "slack"), "--manifest", str(manifest)]
    command += ["--request-url", request_url] if request_url else []
    with running(command, log, {}, lambda: _line(log, _READY) is not None):
        yield int((_line(log, _READY) or "").rpartition(":")[2])


def _line(log: Path, beginning: str) -> str | None:
    lines = log.read_text(errors="replace").splitlines()
    return next((line for line in lines if line.startswith(beginning)), None)


@contextmanager
def app(command: list[str], folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Run an app until the block ends."""
    log = folder / "app.log"

    def ready() -> bool:
        return _line(log, _READY) is not None and (
            environment["TRANSPORT"] != "http" or answers(int(environment["PORT"]))
        )

    with running(command, log, environment, ready):
        yield


def node_command() -> tuple[list[str], dict[str, str]]:
    """Install Bolt for Node, once for each package.json, and say how to run the app; raises `Missing`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Missing("node and npm are not installed, so Bolt for Node was not tried")
    modules = _installed(npm)
    return [node, str(HERE / "node" / "app.js")], {"NODE_PATH": str(modules)}


class Missing(Exception):  # noqa: N818 - what is missing is a fact about the machine
    """Something this machine does not have."""


def _installed(npm: str) -> Path:
    """Install into a folder of the cache named after package.json; renamed into place, so it is whole or absent."""
    package = HERE / "node" / "package.json"
    key = hashlib.sha256(package.read_bytes()).hexdigest()[:16]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slipway" / "node"
    target = home / key / "node_modules"
    if not target.exists():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as aside:
            folder = Path(aside) / key
            folder.mkdir()
            shutil.copy(package, folder)
            _npm_install(npm, folder)
            with contextlib.suppress(OSError):  # another worker was quicker, with the same outcome
                folder.rename(home / key)
    return target


def _npm_install(npm: str, folder: Path) -> None:
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--silent"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise Missing(f"npm could not install Bolt for Node, so it was not tried: {done.stderr.strip()[-300:]}")
