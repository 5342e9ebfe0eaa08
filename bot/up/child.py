"""The bot as a child process that is kept alive: when it ends unasked, it is started again, with growing pauses.

Its standard input is a pipe from here. Nothing is ever written to it: it ends when we do, however we end, and that is
how the bot knows. It runs in a session of its own, so that Ctrl-C reaches it through us, in order.
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.errors import Refused

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
_HEALTHY_AFTER = 30.0
_GRACE = 15.0
_TOLD = 12
_TAIL_BYTES = 16_384
_SET_ANEW = ("SLACK_", "SLIPWAY_")


@dataclass
class Child:
    """How the child is started, and whether it ever was ready: until then its refusal ends everything."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    say: Callable[[str], None]
    hurry: asyncio.Event
    was_ready: bool = False
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def keep(self) -> None:
        """Run it, again and again, until cancelled. Raises `Refused` with its words when it does not want to start."""
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            offset = self.log.stat().st_size if self.log.exists() else 0
            self.process = await self._spawn()
            code = await self.process.wait()
            if code == 1 and not self.was_ready:
                raise Refused(f"The bot does not start:\n{_tail(self.log, offset)}")
            self.say(f"The bot ended ({_how(code)}) and is started again in {pause:g} s; see {self.log}.")
            await asyncio.sleep(pause)
            pause = FIRST_PAUSE if time.monotonic() - began > _HEALTHY_AFTER else min(pause * 2, LONGEST_PAUSE)

    async def _spawn(self) -> asyncio.subprocess.Process:
        with self.log.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *self.argv,
                env=dict(self.environment),
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    async def end(self) -> None:
        """Let it finish what it does; kill it when that takes too long, or when somebody hurries."""
        if self.process is None or self.process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self.process.terminate()
        waits = [asyncio.ensure_future(self.process.wait()), asyncio.ensure_future(self.hurry.wait())]
        await asyncio.wait(waits, timeout=_GRACE, return_when=asyncio.FIRST_COMPLETED)
        if self.process.returncode is None:
            self.say("The bot takes too long and is killed; it resumes at the next start.")
            with suppress(ProcessLookupError):
                self.process.kill()
        await self.process.wait()
        for wait in waits:
            wait.cancel()


def handed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what of our environment the bot gets too: all but what is set for a bot, which is another one here.

    Of addresses of databases that is `DATABASE_URL` alone: whatever else is called so is a secret of the catalog's.
    """
    return {
        name: value for name, value in environment.items() if not name.startswith(_SET_ANEW) and name != "DATABASE_URL"
    }


@asynccontextmanager
async def kept(child: Child) -> AsyncIterator["asyncio.Task[None]"]:
    """Keep the child for the block; the task ends only when the child refuses to start."""
    task = asyncio.create_task(child.keep())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Refused):
            await task
        await child.end()


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _tail(log: Path, offset: int) -> str:
    """Return the last lines that were written to a log since an offset."""
    with log.open("rb") as written:
        written.seek(max(offset, log.stat().st_size - _TAIL_BYTES))
        lines = written.read().decode(errors="replace").strip().splitlines()
    return "\n".join(lines[-_TOLD:]) or f"it said nothing; see {log}"
