"""Draws graphs with matplotlib, each in a program of its own that ends with it.

matplotlib takes more memory than the bot, a second to be imported, and holds Python's one lock while it draws: in a
thread it would keep people waiting for their ack. A program can also be ended when it takes too long.
"""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from bot.domain.errors import GaveUp, Retry
from bot.domain.graph import Graph, written
from integrations._environment import minimal

WITHIN = timedelta(seconds=30)
_PNG = b"\x89PNG"
_HOME = Path(__file__).parent.parent


class MatplotlibPlots:
    """Implements `bot.ports.Plots`. In `folder` matplotlib keeps what it knows of the machine's fonts."""

    def __init__(self, folder: Path, *, within: timedelta = WITHIN, program: str = "integrations._plots") -> None:
        self._folder, self._within, self._program = folder, within, program
        self._one_by_one = asyncio.Lock()  # two at once take a small machine from whoever waits for an ack

    async def draw(self, graph: Graph) -> bytes:
        """See `bot.ports.Plots`."""
        async with self._one_by_one:
            running = await self._started()
            try:
                async with asyncio.timeout(self._within.total_seconds()):
                    png, said = await running.communicate(written(graph).encode())
            except TimeoutError as error:
                raise Retry(f"the graph was not drawn within {self._within.total_seconds():g}s") from error
            finally:
                if running.returncode is None:
                    running.kill()
                    await running.wait()
        if running.returncode != 0 or not png.startswith(_PNG):
            last = said.decode(errors="replace").strip().splitlines()[-1:]
            raise GaveUp(f"the graph could not be drawn: {' '.join(last) or f'it ended with {running.returncode}'}")
        return png

    async def _started(self) -> asyncio.subprocess.Process:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._program,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=minimal({"MPLCONFIGDIR": str(self._folder), "MPLBACKEND": "agg", "PYTHONPATH": str(_HOME)}),
            )
        except OSError as error:
            raise Retry(f"no program could be started that draws: {error.strerror or error}") from error
