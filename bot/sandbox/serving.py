"""Running a local Slack on 127.0.0.1, in this process: for tests, for `python -m bot.sandbox`, for `slipway up`.

The port is bound before anything else, so that "in use" is known at once and port 0 gives a free one. Stopping ends the
pages' streams first; a server that waited for them would wait for the browsers.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

import uvicorn

from .app import create
from .config import SandboxConfig
from .sandbox import Sandbox

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Serving:
    """A local Slack that runs."""

    base_url: str
    slack: Sandbox


def listening(port: int) -> socket.socket:
    """Return a socket bound to the port on 127.0.0.1 (0: any free one). Raises OSError when it is in use.

    The protocol is said, although it is the only one: asyncio switches Nagle's delay off only for sockets that name it,
    and each answer would otherwise wait 40 ms for an acknowledgement.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except OSError:
        bound.close()
        raise
    return bound


@contextlib.asynccontextmanager
async def serving(config: SandboxConfig, bound: socket.socket | None = None) -> AsyncIterator[Serving]:
    """Run until the block ends; `base_url` is taken from the socket. Raises OSError when the port is in use."""
    place = bound or listening(0)
    base_url = f"http://{HOST}:{place.getsockname()[1]}"
    app = create(replace(config, base_url=base_url))
    slack: Sandbox = app.state.slack
    server = _Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve(sockets=[place]))
    try:
        await _started(server, task)
        yield Serving(base_url, slack)
    finally:
        slack.stop_streams()
        server.stopped.set()
        await task


async def _started(server: uvicorn.Server, task: asyncio.Task[None]) -> None:
    """Wait until the server answers. Raises what stopped it."""
    while not server.started:
        if task.done():
            task.result()
            raise RuntimeError("the local Slack stopped before it started")
        await asyncio.sleep(0.005)


class _Server(uvicorn.Server):
    """uvicorn without its own handling of signals (whoever runs this process decides) and without its ticking."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopped = asyncio.Event()

    async def main_loop(self) -> None:
        """Wait to be stopped, rather than look ten times a second."""
        await self.stopped.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield
