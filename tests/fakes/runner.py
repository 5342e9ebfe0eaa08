"""A runner that lives in memory, with its logs: programs are words of a tiny language, or what a test registers.

``say <text>…``, ``print <hex>``, ``exit <code>``, ``result <name=value>…`` and ``hang`` are known; a program registered
by its first word answers with an `Ending`. Any other program ends well at once, so that a flow needs to say only what
matters.
"""

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import LogChunk, Run, RunState
from bot.ports import Clock, Invocation
from integrations._logs import MOST, whole_lines

TIMED_OUT = 124


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run goes. `hangs` keeps it RUNNING until `settle`, `lose`, or its timeout on the clock.

    One that is `lost` leaves its result, and no trace of how it ended.
    """

    exit_code: int = 0
    log: str = ""
    result: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    lost: bool = False


Program = Callable[[Invocation], Ending]


@dataclass(slots=True)
class _Started:
    invocation: Invocation
    at: datetime | None
    run: Run
    log: bytes


def _says(invocation: Invocation) -> Ending:
    return Ending(log="".join(f"{word}\n" for word in invocation.argv[1:]))


def _prints(invocation: Invocation) -> Ending:
    return Ending(log=bytes.fromhex(invocation.argv[1]).decode(errors="surrogateescape"))


def _exits(invocation: Invocation) -> Ending:
    return Ending(exit_code=int(invocation.argv[1]))


def _leaves(invocation: Invocation) -> Ending:
    return Ending(result=dict(word.split("=", 1) for word in invocation.argv[1:]))


def _hangs(_invocation: Invocation) -> Ending:
    return Ending(hangs=True)


def built(invocation: Invocation) -> Ending:
    """End as a build does: a digest made of the command, so that one commit always has one digest."""
    digest = hashlib.sha256("\0".join(invocation.argv).encode()).hexdigest()
    return Ending(log=f"built {digest[:12]}\n", result={"digest": f"sha256:{digest}"})


_PROGRAMS: dict[str, Program] = {
    "say": _says,
    "print": _prints,
    "exit": _exits,
    "result": _leaves,
    "hang": _hangs,
    "build": built,
}


class ScriptedRunner:
    """Implements `bot.ports.Runner` and `bot.ports.Logs` in memory."""

    def __init__(self, clock: Clock | None = None, programs: dict[str, Program] | None = None) -> None:
        self.starts: list[tuple[str, Invocation]] = []  # what truly began, once per key
        self.asks: list[str] = []  # every call of start that got through
        self.down = ""  # when not empty, every verb raises `Retry` with these words
        self._clock = clock
        self._programs = _PROGRAMS | (programs or {})
        self._script: deque[Ending | Retry | GaveUp] = deque()
        self._loses: set[int] = set()
        self._runs: dict[str, _Started] = {}

    def then(self, ending: Ending | Retry | GaveUp, *, times: int = 1) -> None:
        """Say how the next new starts go, whatever the program; an error is raised before anything begins."""
        self._script.extend([ending] * times)

    def lose_answer(self) -> None:
        """Let the next new start do its work and then raise `Retry`."""
        self._loses.add(len(self.starts))

    def settle(self, key: str, exit_code: int = 0, log: str = "", result: dict[str, str] | None = None) -> None:
        """Let what hangs under the key end."""
        self.write(key, log)
        self._runs[key].run = Run(RunState.EXITED, exit_code, result or {})

    def lose(self, key: str, detail: str = "its process is gone and left no exit code") -> None:
        """Let the run vanish without a trace of how it ended."""
        self._runs[key].run = Run(RunState.LOST, detail=detail)

    def write(self, key: str, text: str) -> None:
        """Add to the log of a run; bytes that are no UTF-8 are written as `surrogateescape` writes them."""
        self._runs[key].log += text.encode(errors="surrogateescape")

    async def start(self, invocation: Invocation, *, key: str) -> None:
        """See `bot.ports.Runner`."""
        self._reachable()
        self.asks.append(key)
        if key in self._runs:
            return
        ending = self._script.popleft() if self._script else self._run(invocation)
        if not isinstance(ending, Ending):
            raise ending
        self._begin(invocation, key, ending)

    def _run(self, invocation: Invocation) -> Ending:
        program = self._programs.get(invocation.argv[0])
        return Ending() if program is None else program(invocation)

    def _begin(self, invocation: Invocation, key: str, ending: Ending) -> None:
        lost = len(self.starts) in self._loses
        self.starts.append((key, invocation))
        at = self._clock.now() if self._clock else None
        self._runs[key] = _Started(invocation, at, _run_of(ending), ending.log.encode(errors="surrogateescape"))
        if lost:
            raise Retry("the connection broke before the answer")

    async def observe(self, *, key: str) -> Run:
        """See `bot.ports.Runner`."""
        self._reachable()
        started = self._runs.get(key)
        if started is None:
            return Run(RunState.ABSENT)
        if started.run.state is RunState.RUNNING and self._overdue(started):
            started.run = Run(RunState.EXITED, TIMED_OUT, detail="it took too long and was ended")
        return started.run

    def _overdue(self, started: _Started) -> bool:
        if self._clock is None or started.at is None:
            return False
        return self._clock.now() - started.at >= max(started.invocation.timeout, timedelta())

    async def tail(self, *, key: str, offset: int = 0) -> LogChunk:
        """See `bot.ports.Logs`."""
        self._reachable()
        log = self._runs[key].log if key in self._runs else b""
        begin = offset if 0 <= offset <= len(log) else 0
        return LogChunk.of(whole_lines(log[begin : begin + MOST]), begin)

    def _reachable(self) -> None:
        if self.down:
            raise Retry(self.down)


def _run_of(ending: Ending) -> Run:
    if ending.hangs:
        return Run(RunState.RUNNING)
    if ending.lost:
        return Run(RunState.LOST, result=dict(ending.result), detail="its process is gone and left no exit code")
    return Run(RunState.EXITED, ending.exit_code, dict(ending.result))
