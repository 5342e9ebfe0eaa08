"""One-off work in a container, attended by a detached program, so that a restarted bot finds how it ended.

The detached runner (integrations/detached.py) gives the key its folder, its log, its time limit and its exit code:
for docker it runs a program of ours (one_off.py), for compose ``run --rm``.
"""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from bot.domain.observation import LogChunk, Run
from bot.ports import Invocation
from integrations._docker.engine import LET_THROUGH
from integrations._docker.one_off import FOLDER, RESULT
from integrations.detached import Detached, result_of

_ROOT = Path(__file__).parents[2]


class Attended:
    """Implements `bot.ports.LoggedRunner`.

    `within` says an invocation anew, as one that runs in a container, given a folder of the key's own; a result that
    is left in this folder is the run's.
    """

    def __init__(self, detached: Detached, folder: Path, within: Callable[[Invocation, Path], Invocation]) -> None:
        self._detached, self._folder, self._within = detached, folder, within

    async def start(self, invocation: Invocation, *, key: str) -> None:
        """See `bot.ports.Runner`."""
        if invocation.argv:  # one without is refused by the detached runner
            invocation = await asyncio.to_thread(self._within, invocation, self._own(key))
        await self._detached.start(invocation, key=key)

    async def observe(self, *, key: str) -> Run:
        """See `bot.ports.Runner`."""
        run = await self._detached.observe(key=key)
        left = await asyncio.to_thread(result_of, self._own(key) / RESULT)
        return replace(run, result=run.result | left) if run.exit_code is not None else run

    async def tail(self, *, key: str, offset: int = 0) -> LogChunk:
        """See `bot.ports.Logs`."""
        return await self._detached.tail(key=key, offset=offset)

    def _own(self, key: str) -> Path:
        return self._folder / mark(key)


def mark(key: str) -> str:
    """Return a key as a name: a key may hold any character, a name may not."""
    return hashlib.sha256(key.encode()).hexdigest()[:24]


def one_off(invocation: Invocation, asked: Mapping[str, object]) -> Invocation:
    """Return how our program is run, with what it is to run: it goes by memory, for secrets are among it."""
    told = {"PYTHONPATH": str(_ROOT), "SLIPWAY_ONE_OFF": json.dumps(asked)}
    argv = [sys.executable, "-m", "integrations._docker.one_off"]
    return Invocation(argv, {**let_through(), **told}, timeout=invocation.timeout)


def told(invocation: Invocation) -> dict[str, str]:
    """Return what the program finds in its container's environment."""
    return {**invocation.environment, "SLIPWAY_RESULT": f"{FOLDER}/{RESULT}"}


def let_through() -> dict[str, str]:
    """Return the variables of ours that say where the engine is."""
    return {name: os.environ[name] for name in LET_THROUGH if name in os.environ}
