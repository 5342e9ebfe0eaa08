"""What a process host can be asked, over its Unix socket.

The words are ``ping``, ``apply``, ``observe``, ``live``, ``log``, ``output`` and ``stop``; JSON in and out. The socket
lies in a folder that only its owner may enter, and that is the whole of the access control: who can reach it could as
well start the programs by hand.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler

from integrations._process_host.address import home, mark, socket
from integrations._process_host.artefact import NotUp
from integrations._process_host.child import unrecorded
from integrations._process_host.client import PROTOCOL
from integrations._process_host.folder import Folder
from integrations._process_host.record import Record, Wish, read
from integrations._process_host.slot import Slot

_TIDY_EVERY = 2.0

log = logging.getLogger(__name__)


class Host:
    """All targets of one data folder."""

    def __init__(self, data: Path) -> None:
        self._data = data.absolute()
        self._slots: dict[str, Slot] = {}
        self.over = asyncio.Event()

    def resume(self) -> None:
        """Take up every target that is on record."""
        records = [read(path) for path in sorted(home(self._data).glob("targets/*/record.json"))]
        known = {one.pid for record in records for one in [record.process, *record.strays] if one is not None}
        unknown = unrecorded(mark(self._data), known)
        for record in records:
            slot = self._slots[str(record)] = self._slot(record)
            slot.resume(unknown)
            unknown = []

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
            for slot in self._slots.values():
                try:
                    slot.tidy()
                except OSError:
                    log.exception("%s cannot be tidied", slot.record)

    async def ping(self, _request: web.Request) -> web.Response:
        """Say that somebody is here, and which words it understands."""
        return web.json_response({"protocol": PROTOCOL})

    async def apply(self, request: web.Request) -> web.Response:
        """Take a wish for a target."""
        asked = await request.json()
        name = f"{asked['service']}/{asked['environment']}"
        if name not in self._slots:
            self._slots[name] = self._slot(Record(asked["service"], asked["environment"]))
        try:
            self._slots[name].ask(Wish(**asked["wish"]))
        except NotUp as no:
            return web.json_response({"why": str(no)}, status=HTTPStatus.INSUFFICIENT_STORAGE)
        return web.json_response({}, status=202)

    async def observe(self, request: web.Request) -> web.Response:
        """Say how a target stands, and how far a key has come."""
        slot = self._slots.get(request.query["target"])
        return web.json_response(asdict(slot.observe(request.query["key"])) if slot else None)

    async def live(self, request: web.Request) -> web.Response:
        """Return the wish that is live on a target, for who compares it with another."""
        slot = self._slots.get(request.query["target"])
        return web.json_response(asdict(slot.record.live) if slot and slot.record.live else None)

    async def output(self, request: web.Request) -> web.Response:
        """Return the newest whole lines that a target's processes have printed since a time."""
        slot = self._slots.get(request.query["target"])
        since, most = float(request.query["since"]), int(request.query["most"])
        return web.json_response(await asyncio.to_thread(slot.printed, since, most) if slot else "")

    async def log(self, request: web.Request) -> web.Response:
        """Return a piece of what the process of a key said; the key of a target's name is what is live there."""
        key, offset = request.query["key"], int(request.query["offset"])
        slots = [slot for name, slot in self._slots.items() if key in slot.record.asked or key == name]
        return web.json_response(asdict(slots[0].tail(key, offset)) if slots else {"text": "", "next_offset": offset})

    async def end(self, _request: web.Request) -> web.Response:
        """Begin to stop; the host's lock is free when it is over."""
        self.over.set()
        return web.json_response({}, status=202)

    def _slot(self, record: Record) -> Slot:
        path = home(self._data) / "targets" / quote(str(record), safe=" ")
        return Slot(record, Folder(path, self._data / "artefacts"), mark(self._data))


@contextlib.asynccontextmanager
async def listening(host: Host, data: Path) -> AsyncIterator[None]:
    """Listen on the data folder's socket."""

    @web.middleware
    async def not_when_over(request: web.Request, handler: Handler) -> web.StreamResponse:
        return web.Response(status=503) if host.over.is_set() else await handler(request)

    app = web.Application(client_max_size=1 << 20, middlewares=[not_when_over])
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
