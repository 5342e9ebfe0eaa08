"""An S3-compatible store on this machine (moto's server), and a stand between it and us that can fail in every way.

One store serves all the tests of a process; each takes a bucket of its own.
"""

import contextlib
import itertools
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import aiohttp
from aiohttp import web
from yarl import URL

# It ends when its standard input does: with the process that started it, however that ends.
_SERVER = """
import os, sys, threading
from moto.server import main
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
main(["-H", "127.0.0.1", "-p", "0"])
"""
_KEPT: list["subprocess.Popen[bytes]"] = []
_NUMBERS = itertools.count(1)
SECRETS = {"SITE_ACCESS_KEY": "AKIAEXAMPLE", "SITE_SECRET_KEY": "hush-hush-secret"}


@cache
def store() -> str:
    """Return the store's address; it is started when the first asks, and ends with the process."""
    said = Path(tempfile.mkdtemp(prefix="slipway-store-")) / "said"
    with said.open("wb") as into:
        server = subprocess.Popen([sys.executable, "-c", _SERVER], stdout=into, stderr=into, stdin=subprocess.PIPE)
    _KEPT.append(server)
    deadline = time.monotonic() + 60
    while b"Running on http://127.0.0.1:" not in said.read_bytes():
        assert server.poll() is None, said.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, "the store did not start in time"
        time.sleep(0.05)
    return said.read_text(encoding="utf-8").partition("Running on ")[2].split()[0]


def a_bucket() -> str:
    """Make a bucket and return its name."""
    name = f"site-{next(_NUMBERS)}"
    ask("PUT", f"/{name}")
    return name


def ask(method: str, path: str, data: bytes | None = None) -> tuple[bytes, dict[str, str]]:
    """Ask the store as its owner; return the content and the headers, by their names in lower case."""
    owner = {"Authorization": "AWS4-HMAC-SHA256 Credential=owner/20260101/us-east-1/s3/aws4_request"}
    owner |= {"Content-Type": "application/octet-stream"}
    request = urllib.request.Request(f"{store()}{path}", data, owner, method=method)  # noqa: S310 - the local store
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the local store
        return answer.read(), {name.lower(): value for name, value in answer.headers.items()}


REFUSE, LOSE = "refuse", "lose"
Deed = str | web.Response | None


@dataclass
class Between:
    """Passes requests on to the store, unless `rule` says otherwise: to refuse, to lose the answer, or an answer."""

    rule: Callable[[int, web.Request], Deed] = lambda _number, _request: None
    seen: list[str] = field(default_factory=list)
    address: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(f"{request.method} {request.path}")
        deed = self.rule(len(self.seen), request)
        if isinstance(deed, web.Response):
            return deed
        if deed != REFUSE:
            answer = await self._passed_on(request)
            if deed != LOSE:
                return answer
        if request.transport is not None:  # it is still there, to be dropped
            request.transport.abort()
        return web.Response()

    async def _passed_on(self, request: web.Request) -> web.Response:
        url = URL(f"{store()}{request.raw_path}", encoded=True)
        async with (
            aiohttp.ClientSession(auto_decompress=False) as client,
            client.request(request.method, url, headers=request.headers, data=await request.read()) as answer,
        ):
            kept = {
                name: value for name, value in answer.headers.items() if name not in {"Content-Length", "Connection"}
            }
            length = {"Content-Length": answer.headers["Content-Length"]} if request.method == "HEAD" else {}
            return web.Response(status=answer.status, headers={**kept, **length}, body=await answer.read())


@contextlib.asynccontextmanager
async def between() -> AsyncIterator[Between]:
    """Stand between us and the store."""
    stand = Between()
    application = web.Application(client_max_size=0)
    application.router.add_route("*", "/{path:.*}", stand.handle)
    runner = web.AppRunner(application, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    stand.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield stand
    finally:
        await runner.cleanup()


def no(status: int, code: str, message: str) -> web.Response:
    """Return how S3 says no."""
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return web.Response(status=status, text=text, content_type="application/xml")
