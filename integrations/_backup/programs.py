"""PostgreSQL's own programs: how they are started, and what they say when they fail."""

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from bot.domain.errors import GaveUp
from integrations._logs import after_cut

_MOST_SAID = 8 * 1024  # bytes of a program's last words
_FEW_LINES = 6
_SILENCE = "timeout expired"  # libpq's words for a host that takes a connection, or its first packet, and says nothing


class Program:
    """One of them, running: its input is a pipe where it `feeds`, its output one where it `reads`; its words are kept.

    Where `reads` is a file, its output goes there.

    As a block it is waited for, and killed where the block fails; `said` is then what `end` returned, `code` how it
    ended.
    """

    def __init__(
        self,
        folder: str | None,
        argv: Sequence[str],
        environment: Mapping[str, str],
        *,
        feeds: bool,
        reads: bool | IO[bytes],
    ) -> None:
        self.name, self._patience = argv[0], environment.get("PGCONNECT_TIMEOUT", "?")
        self.said: str | None = None
        self.code: int | None = None
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        path = str(Path(folder) / argv[0]) if folder else argv[0]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - an argv of ours
                [path, *argv[1:]],
                env={**environment, "LC_ALL": "C"},  # their words are read by us, and by people in Slack
                stdin=subprocess.PIPE if feeds else subprocess.DEVNULL,
                stdout=(subprocess.PIPE if reads else subprocess.DEVNULL) if isinstance(reads, bool) else reads,
                stderr=self._words,
            )
        except OSError as error:
            self._words.close()
            raise GaveUp(
                f"cannot run {path}: {error.strerror}; install PostgreSQL's client programs, of the server's version "
                "or newer, or name their folder (`programs`)"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.kill()
        self.said = self.end()

    @property
    def input(self) -> IO[bytes]:
        """What it is fed with."""
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        return self._process.stdin

    @property
    def output(self) -> IO[bytes]:
        """What it gives."""
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        return self._process.stdout

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def end(self) -> str | None:
        """Wait for its end; return None where it ended well, else its own last words."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # that nobody reads its last bytes any more is no news
                    pipe.close()
        self.code = self._process.wait()
        before = max(0, self._words.seek(0, 2) - _MOST_SAID)
        self._words.seek(before)
        said = self._words.read().decode(errors="replace")
        said = after_cut(said) if before else said
        self._words.close()
        if self.code == 0:
            return None
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        words = " ".join(lines[-_FEW_LINES:]) or f"{self.name} ended with exit code {self.code}"
        if _SILENCE in words:
            return f"the database's server did not answer within {self._patience} seconds: {words}"
        return words
