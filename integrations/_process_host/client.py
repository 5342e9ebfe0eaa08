"""How a process host is asked, started and stopped, from the bot's side.

Any number of callers may find nobody at home and start a host at once: the hosts settle among themselves, by a lock,
who stays. A host that understands other words than ours, from before an update, is stopped and replaced.
"""

import asyncio
import contextlib
import fcntl
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from bot.domain.errors import GaveUp, Retry
from integrations._environment import minimal
from integrations._logs import last_lines
from integrations._process_host.address import home, socket

PROTOCOL = 2
NOT_NOW, NEVER = HTTPStatus.INSUFFICIENT_STORAGE, HTTPStatus.UNPROCESSABLE_ENTITY  # and the body says ``why``
_ROOT = Path(__file__).parents[2]
_ANSWERS_WITHIN = 10.0  # seconds
_STARTS_WITHIN = 30.0  # a host that is just ending takes its time
_STOPS_WITHIN = 60.0
_LOOK = 0.05
_LINES_SHOWN = 3
_LOOKS_PER_START = 40


@dataclass(frozen=True, slots=True)
class Program:
    """A kind of host: what people call it, its module, and the variables of ours that it may find beyond the few."""

    name: str
    module: str
    let_through: tuple[str, ...] = ()


PROCESSES = Program("process host", "integrations._process_host")


class Client:
    """Talks to the host of a data folder, and starts it where there is none. Use it with ``async with``."""

    def __init__(self, data: Path, program: Program = PROCESSES) -> None:
        self._data = data
        self._program = program
        self._session: aiohttp.ClientSession | None = None
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        connector = aiohttp.UnixConnector(str(await asyncio.to_thread(socket, self._data)), force_close=True)
        timeout = aiohttp.ClientTimeout(total=_ANSWERS_WITHIN)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, verb: str, query: Mapping[str, str] | None = None, body: object = None) -> bytes:
        """Ask and return the JSON that comes back; a `body` makes it a POST."""
        try:
            return await self.once(verb, query, body)
        except Absent:
            async with self._starting:  # of many who find nobody, one starts a host
                await start_host(self._data, self._program)
        return await self.once(verb, query, body)

    async def once(self, verb: str, query: Mapping[str, str] | None = None, body: object = None) -> bytes:
        """Ask whoever is there; `Absent` when nobody is."""
        if self._session is None:
            raise RuntimeError("Client is used with “async with”")
        method = "GET" if body is None else "POST"
        try:
            async with self._session.request(method, f"http://host/{verb}", params=query, json=body) as answer:
                said = await answer.read()
        except aiohttp.ClientConnectorError as error:
            raise Absent(f"there is no {self._program.name}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Retry(f"the {self._program.name} did not answer: {type(error).__name__}") from error
        self._take(answer.status, said, verb)
        return said

    def _take(self, status: int, said: bytes, verb: str) -> None:
        """Raise what an answer that is not well says."""
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise Retry(f"the {self._program.name} is ending")
        if status == NOT_NOW:
            raise Retry(str(json.loads(said)["why"]))
        if status == NEVER:
            raise GaveUp(str(json.loads(said)["why"]))
        if status == HTTPStatus.NOT_FOUND:
            raise GaveUp(
                f"the {self._program.name} is from before an update and does not know “{verb}”; "
                "`slipway up` replaces it"
            )
        if status >= HTTPStatus.BAD_REQUEST:
            raise GaveUp(f"the {self._program.name} refused: HTTP {status} {said.decode(errors='replace')}")


class Absent(Retry):
    """Nobody listens."""


async def start_host(data: Path, program: Program = PROCESSES) -> None:
    """Return when a host of this data folder answers, starting one where there is none; `Retry` says why none does."""
    protocol = await _protocol(data)
    if protocol is not None and protocol != PROTOCOL:
        await stop_host(data)
    try:
        async with asyncio.timeout(_STARTS_WITHIN):
            while not await _answers(data):
                await asyncio.to_thread(_spawn, data, program)
    except TimeoutError as error:
        said = await asyncio.to_thread(last_lines, home(data) / "host.log", count=_LINES_SHOWN)
        raise Retry(f"the {program.name} did not start within {_STARTS_WITHIN:.0f}s: {' '.join(said)}") from error


async def stop_host(data: Path) -> None:
    """End the host and all that it runs, gracefully; the next start brings all back as it was."""
    async with Client(data) as client:
        with contextlib.suppress(Retry):  # nobody is there, or it is ending already
            await client.once("stop", body={})
    try:
        async with asyncio.timeout(_STOPS_WITHIN):
            while await asyncio.to_thread(is_running, data):  # noqa: ASYNC110 - a lock tells no event
                await asyncio.sleep(_LOOK)
    except TimeoutError as error:
        raise Retry(f"the host of {data} did not end within {_STOPS_WITHIN:.0f}s") from error


async def _answers(data: Path) -> bool:
    """Look for a while whether a host answers; one needs half a second to start."""
    for _ in range(_LOOKS_PER_START):
        if await _protocol(data) is not None:
            return True
        if not await asyncio.to_thread(is_running, data):
            return False
        await asyncio.sleep(_LOOK)
    return False


async def _protocol(data: Path) -> int | None:
    async with Client(data) as client:
        try:
            return int(json.loads(await client.once("ping"))["protocol"])
        except Retry:
            return None


def _spawn(data: Path, program: Program) -> None:
    """Start a host; returns when it is on its own, and holds the lock unless another one does."""
    argv = [sys.executable, "-m", program.module, "--data", str(data.absolute())]
    environment = minimal({"PYTHONPATH": str(_ROOT)}, let_through=program.let_through)
    done = subprocess.run(argv, env=environment, cwd=_ROOT, capture_output=True, check=False, text=True)  # noqa: S603 - argv of ours
    if done.returncode != 0:
        raise Retry(f"the {program.name} cannot start: {' '.join(done.stderr.splitlines()[-_LINES_SHOWN:])}")


def is_running(data: Path) -> bool:
    """Whether the data folder has a host: it holds its lock exactly as long as it lives."""
    try:
        with (home(data) / "host.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
