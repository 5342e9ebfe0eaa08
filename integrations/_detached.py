"""The parent of one detached command: a program of its own that outlives the bot and writes down how it ended.

It is run by its path with nothing but the standard library, so that it starts in milliseconds and cannot be broken by
a half-installed update. In the run's folder it keeps, in this order of life:

    request.json   what to run; removed once it began, because its environment may be secret
    lock           held (flock) while this program lives; the kernel lets go of it however the program ends
    began          made before the command is: without it the command certainly never began
    log, result    what the command says, and the name=value lines it leaves
    exit.json      how it ended; written whole or not at all

A second one for the same folder finds the lock or `began`, and ends without doing anything.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

_TIMED_OUT, _NOT_FOUND, _NOT_EXECUTABLE, _SIGNALLED = 124, 127, 126, 128
_GRACE = 5.0  # seconds between asking a late command to end and ending it
_PATIENCE_FOR_LOCK = 2.0  # seconds; who only looks holds it for microseconds
_DRAIN = 2.0  # seconds to wait for the last output of what the command left running
_PR_SET_PDEATHSIG = 1
_PIECE = 64 * 1024


def main() -> int:
    """Begin apart, in a session of its own, and tell the caller in a word what became of it."""
    folder = Path(sys.argv[1])
    hearing, telling = os.pipe()
    if os.fork():
        os.close(telling)
        with os.fdopen(hearing, "rb") as said:
            sys.stdout.write(said.read().decode())
        return 0
    os.close(hearing)
    os.setsid()
    _let_go_of_caller()
    word, lock = _claim(folder)
    request = _begin(folder) if word == "began" else {}
    os.write(telling, word.encode())
    os.close(telling)
    if word == "began":
        _attend(folder, request)
        os.close(lock)
    return 0


def _let_go_of_caller() -> None:
    """Keep none of the caller's streams open, and no folder of its busy."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.chdir("/")


def _claim(folder: Path) -> tuple[str, int]:
    """Take the lock, or say who was first: ``held`` or ``done``."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + _PATIENCE_FOR_LOCK
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return "held", lock
            time.sleep(0.01)
        else:
            return ("done" if (folder / "began").exists() else "began"), lock


def _begin(folder: Path) -> dict[str, object]:
    """Leave the mark that it began, then forget the request."""
    path = folder / "request.json"
    request: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    _write_whole(folder / "began", json.dumps({"pid": os.getpid(), "argv": request["argv"]}))
    path.unlink()
    return request


def _attend(folder: Path, request: dict[str, object]) -> None:
    """Run the command to its end, whatever that is, and write it down."""
    with (folder / "log").open("ab", buffering=0) as log:
        try:
            command = _spawn(folder, request)
        except OSError as error:
            code = _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE
            words = f"cannot run {_words(request)[0]}: {error.strerror}"
            if error.filename is not None and error.filename == request["folder"]:
                words = f"cannot run in {error.filename}: {error.strerror}"
            log.write(f"[slipway] {words}\n".encode())
            _end(folder, code, words)
            return
        _end(folder, *_wait(command, log, request))


def _words(request: dict[str, object]) -> list[str]:
    argv = request["argv"]
    return [str(word) for word in argv] if isinstance(argv, list) else []


def _spawn(folder: Path, request: dict[str, object]) -> "subprocess.Popen[bytes]":
    environment = request["environment"]
    work = request["folder"]
    return subprocess.Popen(  # noqa: S603 - an argv that the bot composed; no shell is involved
        _words(request),
        cwd=str(work) if work else folder / "work",
        env={**environment, "SLIPWAY_RESULT": str(folder / "result")} if isinstance(environment, dict) else {},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - there is one thread yet
    )


def _die_with_parent() -> None:
    """Ask Linux to end the command when this program is killed: a run that nobody attends must not go on."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _wait(command: "subprocess.Popen[bytes]", log: IO[bytes], request: dict[str, object]) -> tuple[int, str]:
    """Copy what it says until it ends or its time is over."""
    copying = threading.Thread(target=_copy, args=(command.stdout, log, request["most"]), daemon=True)
    copying.start()
    timeout = float(str(request["timeout"]))
    try:
        code, detail = command.wait(timeout), ""
    except subprocess.TimeoutExpired:
        _finish(command)
        code, detail = _TIMED_OUT, f"it took longer than {timeout:g}s and was ended"
    copying.join(_DRAIN)
    if code < 0:
        code, detail = _SIGNALLED - code, f"it was ended by {signal.Signals(-code).name}"
    if detail:
        _put(log, f"[slipway] {detail}\n".encode())
    return code, detail


def _finish(command: "subprocess.Popen[bytes]") -> None:
    """End the command and all of its group: asked first, then not asked."""
    with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(command.pid, signal.SIGTERM)
        command.wait(_GRACE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(command.pid, signal.SIGKILL)
    command.wait()


def _copy(said: IO[bytes], log: IO[bytes], most: int) -> None:
    """Write through what the command says, up to a limit; beyond it the command is still listened to."""
    written, last = 0, b"\n"
    while piece := os.read(said.fileno(), _PIECE):
        if written < most and not _put(log, piece[: most - written]):
            most = 0  # the disk is full: no more is written
        if written < most < written + len(piece):
            _put(log, f"\n[slipway] the log is cut here, at {most} bytes".encode())
        written += len(piece)
        last = piece[-1:]
    if last != b"\n" or written > most:
        _put(log, b"\n")


def _put(log: IO[bytes], piece: bytes) -> bool:
    try:
        log.write(piece)
    except OSError:
        return False
    return True


def _end(folder: Path, code: int, detail: str) -> None:
    _write_whole(folder / "exit.json", json.dumps({"code": code, "detail": detail}))


def _write_whole(path: Path, text: str) -> None:
    """Make a file appear with all of its content, and stay there through a power cut."""
    temporary = path.with_suffix(".writing")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


if __name__ == "__main__":
    sys.exit(main())
