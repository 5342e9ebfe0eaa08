"""Runs a program that answers at once: what it prints is kept within bounds, and it is ended when it takes too long."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO

from bot.domain.errors import GaveUp, Retry
from integrations._logs import after_cut

_PIECE = 64 * 1024
_DRAIN = 2.0  # seconds to wait for the last output of what the program left running
_MOST_WORDS = 64 * 1024  # bytes; who shows them masks them first, and shortens them then


@dataclass(slots=True)
class _Newest:
    """The newest bytes of a stream."""

    most: int
    kept: bytearray = field(default_factory=bytearray)
    cut: bool = False

    def copy(self, stream: IO[bytes]) -> None:
        """Read a stream to its end, and close it."""
        with stream:
            while piece := os.read(stream.fileno(), _PIECE):
                self.kept += piece
                if len(self.kept) > self.most + _PIECE:
                    self.trim()

    def trim(self) -> None:
        """Let go of what is too old."""
        self.cut = self.cut or len(self.kept) > self.most
        del self.kept[: -self.most]


@dataclass(frozen=True, slots=True)
class Said:
    """What a program said until it ended: the newest of its output (`cut`: not all of it), and its last words."""

    code: int
    output: bytes
    cut: bool
    words: str


def run(argv: Sequence[str], environment: Mapping[str, str], folder: str, within: timedelta, *, most: int) -> Said:
    """Run a program to its end. `GaveUp` when it cannot be run at all, `Retry` when it is too slow."""
    try:
        program = subprocess.Popen(  # noqa: S603 - the catalog's argv; no shell is involved
            list(argv),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
        )
    except OSError as error:
        where = f" in {folder}" if str(error.filename) == folder else ""
        raise GaveUp(f"cannot run {argv[0]}{where}: {error.strerror}") from error
    output, words = _Newest(most), _Newest(_MOST_WORDS)
    reading = [_reading(output, program.stdout), _reading(words, program.stderr)]
    try:
        code = program.wait(within.total_seconds())
    except subprocess.TimeoutExpired as error:
        raise Retry(f"{argv[0]} did not answer within {within.total_seconds():g}s") from error
    finally:
        _finish(program)
        for one in reading:
            one.join(_DRAIN)
    output.trim()
    words.trim()
    said = words.kept.decode(errors="replace")
    said = after_cut(said) if words.cut else said
    return Said(code, bytes(output.kept), output.cut, said.strip())


def _reading(newest: _Newest, stream: IO[bytes] | None) -> threading.Thread:
    assert stream is not None  # noqa: S101 - it was asked for
    thread = threading.Thread(target=newest.copy, args=(stream,), daemon=True)
    thread.start()
    return thread


def _finish(program: "subprocess.Popen[bytes]") -> None:
    """End the program, and what is left of its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()
