"""Runs one-off commands apart from the bot: each has a folder under its key, and a parent that outlives us.

A key is claimed by giving a folder, complete with its request, its name: that succeeds once. What happened is read
from what the parent left and from its lock, which the kernel holds exactly as long as the parent lives; so neither a
reused process id nor a reboot can make a run look alive. integrations/_detached.py says what lies in the folder.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import LogChunk, Run, RunState
from bot.ports import Clock, Invocation
from integrations._environment import minimal
from integrations._logs import chunk

_PARENT = Path(__file__).with_name("_detached.py")
_MOST_LOG = 256 * 1024 * 1024  # bytes
_MOST_RESULT = 64 * 1024  # bytes
_PATIENCE = 20.0  # seconds for the parent to begin; it takes some 50 ms
_PLAIN_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LONGEST_KEY = 1000
_LINES_SHOWN = 3


class Detached:
    """Implements `bot.ports.Runner` and `bot.ports.Logs` with detached local processes, under ``<data>/runs/``."""

    def __init__(self, data: Path, clock: Clock, *, most_log: int = _MOST_LOG) -> None:
        self._runs = data.absolute() / "runs"
        self._clock = clock
        self._most_log = most_log

    async def start(self, invocation: Invocation, *, key: str) -> None:
        """See `bot.ports.Runner`. Returns when the command has begun, so that what follows certainly finds it."""
        folder = self._folder(key)
        if not invocation.argv:
            raise GaveUp(f"there is nothing to run under {key}: its argv is empty")
        await asyncio.to_thread(self._start, invocation, folder)

    async def observe(self, *, key: str) -> Run:
        """See `bot.ports.Runner`."""
        return await asyncio.to_thread(_observed, self._folder(key))

    async def tail(self, *, key: str, offset: int = 0) -> LogChunk:
        """See `bot.ports.Logs`."""
        try:
            return await asyncio.to_thread(chunk, self.log(key), offset)
        except OSError as error:
            raise Retry(f"the log of {key} cannot be read: {error.strerror}") from error

    def log(self, key: str) -> Path:
        """Return the file that holds what a key's command says."""
        return self._folder(key) / "log"

    async def sweep(self, *, older: timedelta) -> int:
        """Remove the folders of runs that ended longer ago than this; return how many."""
        return await asyncio.to_thread(self._sweep, self._clock.now() - older)

    def _folder(self, key: str) -> Path:
        """Return the folder of a key. What no file system would take as a name is told apart by its hash."""
        if not key or len(key) > _LONGEST_KEY:
            raise GaveUp(f"a key has 1 to {_LONGEST_KEY} characters, this one has {len(key)}")
        if _PLAIN_KEY.fullmatch(key):
            return self._runs / key
        readable = re.sub(r"[^A-Za-z0-9._-]+", "-", key)[:60].strip(".-") or "key"
        return self._runs / f"{readable}~{hashlib.sha256(key.encode()).hexdigest()[:24]}"

    def _start(self, invocation: Invocation, folder: Path) -> None:
        try:
            if not folder.exists():
                self._claim(invocation, folder)
            if not (folder / "began").exists():
                _begin(folder)
        except OSError as error:
            raise Retry(f"cannot start {invocation.argv[0]}: {error.strerror}: {error.filename}") from error

    def _claim(self, invocation: Invocation, folder: Path) -> None:
        """Give the key its folder, whole; when somebody else just did, theirs is the one."""
        self._runs.mkdir(mode=0o700, parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=self._runs, prefix=".making-"))
        try:
            (making / "work").mkdir()
            with (making / "request.json").open("x", encoding="utf-8") as file:
                json.dump(self._request(invocation), file)
                file.flush()
                os.fsync(file.fileno())
            making.rename(folder)
            _sync(self._runs)
        except OSError:
            shutil.rmtree(making, ignore_errors=True)
            if not folder.exists():
                raise

    def _request(self, invocation: Invocation) -> dict[str, object]:
        return {
            "argv": list(invocation.argv),
            "environment": minimal({"PYTHONUNBUFFERED": "1", **invocation.environment}),
            "folder": invocation.folder,
            "timeout": invocation.timeout.total_seconds(),
            "most": self._most_log,
        }

    def _sweep(self, before: datetime) -> int:
        swept = 0
        for ended in self._runs.glob("*/exit.json"):
            if datetime.fromtimestamp(ended.stat().st_mtime, UTC) < before:
                shutil.rmtree(ended.parent, ignore_errors=True)
                swept += 1
        return swept


def _begin(folder: Path) -> None:
    """Start the parent and wait until it has begun, or found that another one did."""
    argv = [sys.executable, "-I", "-S", str(_PARENT), str(folder)]
    try:
        done = subprocess.run(argv, env=minimal(), capture_output=True, timeout=_PATIENCE, check=False, text=True)  # noqa: S603 - argv of ours
    except subprocess.TimeoutExpired as error:
        raise Retry(f"the parent of {folder.name} did not begin within {_PATIENCE:.0f}s") from error
    if done.stdout not in {"began", "held", "done"}:
        said = " ".join(done.stderr.splitlines()[-_LINES_SHOWN:])
        raise Retry(f"the parent of {folder.name} did not begin: {said or 'it said nothing'}")


def _sync(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _observed(folder: Path) -> Run:
    if not (folder / "began").exists():
        return Run(RunState.ABSENT)
    # The lock is asked before the exit is read: one that ends in between is seen as ended, never as lost.
    alive = _held(folder / "lock")
    with contextlib.suppress(FileNotFoundError):
        ended = json.loads((folder / "exit.json").read_text(encoding="utf-8"))
        return Run(RunState.EXITED, int(ended["code"]), _result(folder / "result"), str(ended["detail"]))
    if alive:
        return Run(RunState.RUNNING)
    gone = "its processes are gone and left no exit code: killed, or the machine restarted"
    return Run(RunState.LOST, result=_result(folder / "result"), detail=gone)


def _held(lock: Path) -> bool:
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _result(path: Path) -> dict[str, str]:
    """Read the ``name=value`` lines that a command left; other lines mean nothing."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_RESULT).decode(errors="replace")
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in text.splitlines() if line.partition("=")[0].strip() and "=" in line)
