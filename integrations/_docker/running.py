"""One-off work in a container, attended by a detached program of ours, so that a restarted bot finds how it ended.

The detached runner (integrations/detached.py) gives the key its folder, its log, its time limit and its exit code.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.domain.observation import LogChunk, Run
from bot.ports import Invocation
from integrations._docker.one_off import FOLDER, RESULT
from integrations._docker.threads import Threads
from integrations._environment import ENGINE, present
from integrations.detached import Detached

_ROOT = Path(__file__).parents[2]


class Attended:
    """Implements `bot.ports.LoggedRunner`. `asked` says an invocation under a key as one_off.py takes it."""

    def __init__(
        self, detached: Detached, threads: Threads, asked: Callable[[Invocation, str], Mapping[str, object]]
    ) -> None:
        self._detached, self._threads, self._asked = detached, threads, asked

    async def start(self, invocation: Invocation, *, key: str) -> None:
        """See `bot.ports.Runner`. What is to run goes by memory, for secrets are among it."""
        if invocation.argv:  # one without is refused by the detached runner
            asked = await self._threads.deed(self._asked, invocation, key)
            variables = {"PYTHONPATH": str(_ROOT), "SLIPWAY_ONE_OFF": json.dumps(asked), **present(ENGINE)}
            argv = [sys.executable, "-m", "integrations._docker.one_off"]
            invocation = Invocation(argv, variables, timeout=invocation.timeout)
        await self._detached.start(invocation, key=key)

    async def observe(self, *, key: str) -> Run:
        """See `bot.ports.Runner`."""
        return await self._detached.observe(key=key)

    async def tail(self, *, key: str, offset: int = 0) -> LogChunk:
        """See `bot.ports.Logs`."""
        return await self._detached.tail(key=key, offset=offset)


def told(invocation: Invocation) -> dict[str, str]:
    """Return what the program finds in its container's environment."""
    return {**invocation.environment, "SLIPWAY_RESULT": f"{FOLDER}/{RESULT}"}
