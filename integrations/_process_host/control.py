"""What a process host can be asked, over its Unix socket.

The words are ``ping``, ``apply``, ``observe``, ``live``, ``log``, ``output`` and ``stop``; JSON in and out. The socket
lies in a folder that only its owner may enter, and that is the whole of the access control: who can reach it could as
well start the programs by hand.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import LogChunk, Observed
from integrations._process_host.address import home, socket
from integrations._process_host.artefact import NotUp
from integrations._process_host.client import NEVER, NOT_NOW, PROTOCOL

_TIDY_EVERY = 2.0

log = logging.getLogger(__name__)


class Slot(Protocol):
    """One target, as a host knows it. What raises `NotUp`, `Retry` or `GaveUp` has changed nothing."""

    async def ask(self, wish: Mapping[str, Any]) -> None:
        """Take a wish, and begin to make it come true; a key that is known changes nothing."""

    async def observe(self, key: str) -> Observed:
        """See `bot.ports.Backend`."""

    def knows(self, key: str) -> bool:
        """Whether it has a log under this key; the target's own name stands for what is live."""

    def tail(self, key: str, offset: int) -> LogChunk:
        """See `bot.ports.Logs`."""

    async def stop(self) -> None:
        """Come to an end with the host."""

    def tidy(self) -> None:
        """Keep what lies on disk within bounds."""


@runtime_checkable
class Keeper(Slot, Protocol):
    """A slot whose programs are known to nobody but the host: it says what was asked for, and what they printed."""

    def wish(self) -> Mapping[str, Any] | None:
        """Return what was asked for and is live, or None."""

    def printed(self, since: float, most: int) -> str:
        """Return the newest whole lines printed since a time (seconds since 1970), at most so many bytes."""


class Slots(Protocol):
    """Where a host's slots come from."""

    def resume(self) -> Mapping[str, Slot]:
        """Take up every target that is on record, by its name."""

    def new(self, service: str, environment: str) -> Slot:
        """Make the slot of a target that has none."""


class Host:
    """All targets of one data folder."""

    def __init__(self, data: Path, slots: Slots) -> None:
        self._data = data.absolute()
        self._made = slots
        self._slots: dict[str, Slot] = {}
        self.over = asyncio.Event()

    def resume(self) -> None:
        """Take up every target that is on record."""
        self._slots.update(self._made.resume())

    async def stop(self) -> None:
        """End every process gracefully; all comes back with the next host."""
        await asyncio.gather(*(slot.stop() for slot in self._slots.values()))

    async def tidy(self) -> None:
        """Keep logs within bounds; end everything when the data folder was removed under our feet."""
        while True:
            await asyncio.sleep(_TIDY_EVERY)
            if not (home(self._data) / "host.lock").exists():
                self.over.set()
                return
            for name, slot in self._slots.items():
                try:
                    slot.tidy()
                except OSError:
                    log.exception("%s cannot be tidied", name)

    async def ping(self, _request: web.Request) -> web.Response:
        """Say that somebody is here, and which words it understands."""
        return web.json_response({"protocol": PROTOCOL})

    async def apply(self, request: web.Request) -> web.Response:
        """Take a wish for a target."""
        asked = await request.json()
        name = f"{asked['service']}/{asked['environment']}"
        if name not in self._slots:
            self._slots[name] = self._made.new(asked["service"], asked["environment"])
        await self._slots[name].ask(asked["wish"])
        return web.json_response({}, status=202)

    async def observe(self, request: web.Request) -> web.Response:
        """Say how a target stands, and how far a key has come."""
        slot = self._slots.get(request.query["target"])
        return web.json_response(asdict(await slot.observe(request.query["key"])) if slot else None)

    async def live(self, request: web.Request) -> web.Response:
        """Return the wish that is live on a target, for who compares it with another."""
        slot = self._slots.get(request.query["target"])
        return web.json_response(slot.wish() if isinstance(slot, Keeper) else None)

    async def output(self, request: web.Request) -> web.Response:
        """Return the newest whole lines that a target's processes have printed since a time."""
        slot = self._slots.get(request.query["target"])
        since, most = float(request.query["since"]), int(request.query["most"])
        return web.json_response(await asyncio.to_thread(slot.printed, since, most) if isinstance(slot, Keeper) else "")

    async def log(self, request: web.Request) -> web.Response:
        """Return a piece of what the process of a key said; the key of a target's name is what is live there."""
        key, offset = request.query["key"], int(request.query["offset"])
        slots = [slot for slot in self._slots.values() if slot.knows(key)]
        return web.json_response(asdict(slots[0].tail(key, offset)) if slots else {"text": "", "next_offset": offset})

    async def end(self, _request: web.Request) -> web.Response:
        """Begin to stop; the host's lock is free when it is over."""
        self.over.set()
        return web.json_response({}, status=202)


@contextlib.asynccontextmanager
async def listening(host: Host, data: Path) -> AsyncIterator[None]:
    """Listen on the data folder's socket."""

    @web.middleware
    async def said_as_it_is(request: web.Request, handler: Handler) -> web.StreamResponse:
        if host.over.is_set():
            return web.Response(status=503)
        try:
            return await handler(request)
        except (NotUp, Retry) as no:
            return web.json_response({"why": str(no)}, status=NOT_NOW)
        except GaveUp as no:
            return web.json_response({"why": no.reason}, status=NEVER)

    app = web.Application(client_max_size=1 << 20, middlewares=[said_as_it_is])
    verbs = [
        web.get("/ping", host.ping),
        web.post("/apply", host.apply),
        web.get("/observe", host.observe),
        web.get("/live", host.live),
        web.get("/log", host.log),
        web.get("/output", host.output),
        web.post("/stop", host.end),
    ]
    app.add_routes(verbs)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    path = socket(data)
    path.unlink(missing_ok=True)
    try:
        await web.UnixSite(runner, str(path)).start()
        path.chmod(0o600)
        yield
    finally:
        await runner.cleanup()
        path.unlink(missing_ok=True)
