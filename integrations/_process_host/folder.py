"""A target's folder on disk: its record, a log and an unpacked version for every start, kept within bounds."""

import asyncio
import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from integrations._logs import last_lines, words_of
from integrations._process_host import printed
from integrations._process_host.artefact import NotUp, unpack
from integrations._process_host.record import Record, write

_LINES_SHOWN = 5
_LONGEST_KEPT = 4096  # characters of a line
_MOST_LOG = 8 * 1024 * 1024
_LOGS_KEPT = 10


class Folder:
    """``record.json``, ``log/<generation>.log`` and ``run/<generation>/``. `store` is where the artefacts are."""

    def __init__(self, path: Path, store: Path) -> None:
        self._path, self._store = path, store
        self._filling: set[int] = set()
        self._lengths: dict[Path, int] = {}
        for part in ("log", "run"):
            (path / part).mkdir(parents=True, exist_ok=True)

    def log(self, generation: int) -> Path:
        """Return the file that the process of a start writes to."""
        return self._path / "log" / f"{generation}.log"

    def run(self, generation: int) -> Path:
        """Return the folder that the process of a start runs in."""
        return self._path / "run" / str(generation)

    def write(self, record: Record) -> None:
        """Write the record down; `NotUp` when that fails, and the old one is still there."""
        try:
            write(self._path / "record.json", record)
        except OSError as error:
            raise NotUp(f"cannot write down what should run: {error.strerror}: {self._path}") from error

    async def unpack(self, digest: str, generation: int) -> None:
        """Unpack an artefact to run in; `NotUp` says what is wrong with it."""
        with self._kept(generation):
            await asyncio.to_thread(unpack, self._store, digest, self.run(generation))

    async def remove(self, generation: int) -> None:
        """Remove what a start ran in; its log stays a while."""
        await asyncio.to_thread(shutil.rmtree, self.run(generation), ignore_errors=True)

    def last_words(self, generation: int) -> str:
        """Return the last lines of a log, each on a line of its own; the bot masks them, and shortens them then."""
        lines = last_lines(self.log(generation), count=_LINES_SHOWN)
        return "".join(f"\n{words_of(line, _LONGEST_KEPT)}" for line in lines)

    def printed(self, moment: float, most: int) -> str:
        """Return the whole lines that any process of the target has printed since a moment, the newest of them."""
        return printed.since(self._logs(), moment, most)

    def tidy(self, keep: set[int]) -> None:
        """Keep the logs within bounds, note how long they are, and remove what is left of starts that are over."""
        keep, logs = keep | self._filling, self._logs()
        for old in logs[:-_LOGS_KEPT]:
            if int(old.stem) not in keep:
                printed.forget(old)
                self._lengths.pop(old, None)
        for path in logs[-_LOGS_KEPT:]:
            if path.stat().st_size > _MOST_LOG:
                _begin_anew(path)
            self._note(path)
        for left in (self._path / "run").iterdir():
            if int(left.name) not in keep:
                shutil.rmtree(left, ignore_errors=True)

    def _logs(self) -> list[Path]:
        return sorted((self._path / "log").glob("*.log"), key=lambda path: int(path.stem))

    def _note(self, log: Path) -> None:
        length = log.stat().st_size
        if self._lengths.get(log) != length:
            printed.note(log, time.time())
            self._lengths[log] = length

    @contextlib.contextmanager
    def _kept(self, generation: int) -> Iterator[None]:
        """Keep a folder that is being filled from being tidied away."""
        self._filling.add(generation)
        try:
            yield
        finally:
            self._filling.discard(generation)


def _begin_anew(log: Path) -> None:
    """Empty a log whose process keeps it open and appends; what it held before stays beside it."""
    shutil.copyfile(log, printed.before(log))
    with log.open("r+b") as file:
        file.truncate(0)
    printed.begun_anew(log)
