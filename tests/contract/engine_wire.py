"""A socket between us and the Docker Engine, which can be cut, and can lose an answer on its way."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

ENGINE = "/var/run/docker.sock"


class Wire:
    """Passes on what is asked and answered. The engine gets every request that is begun, whatever is lost after."""

    def __init__(self, path: Path) -> None:
        self.address = f"unix://{path}"
        self.cut = False
        self.loses: list[bytes] = []  # beginnings of requests whose answers are lost, each once
        self._open: set[asyncio.StreamWriter] = set()

    def break_off(self) -> None:
        """Answer nobody any more, not even those who wait."""
        self.cut = True
        for writer in self._open:
            writer.transport.abort()

    def mend(self) -> None:
        self.cut = False

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.transport.abort()
            return
        there, over = await asyncio.open_unix_connection(ENGINE)
        self._open |= {writer, over}
        lost = asyncio.Event()
        try:
            await asyncio.gather(self._pass_on(reader, over, lost), self._pass_on(there, writer, lost, back=True))
        finally:
            self._open -= {writer, over}
            over.close()
            writer.close()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lost: asyncio.Event, *, back: bool = False
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(1 << 16):
                for beginning in [one for one in self.loses if not back and piece.startswith(one)]:
                    self.loses.remove(beginning)
                    lost.set()
                if back and lost.is_set():
                    writer.transport.abort()
                    return
                writer.write(piece)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def a_wire() -> AsyncIterator[Wire]:
    with tempfile.TemporaryDirectory(prefix="wire-") as folder:
        wire = Wire(Path(folder) / "engine.sock")
        server = await asyncio.start_unix_server(wire.accept, wire.address.removeprefix("unix://"))
        try:
            yield wire
        finally:
            wire.break_off()
            server.close()
