"""A target's public port, and where it leads: a reverse proxy that changes its mind between two requests, not in one.

A request goes to the version that is live when it starts and finishes there; bodies are streamed in both directions.
"""

import asyncio
import contextlib
import errno
from collections.abc import Iterator

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from integrations._process_host.artefact import NotUp
from integrations._process_host.child import holder

# RFC 9110, 7.6.1: they speak of one connection, not of the message.
_HOP_BY_HOP = frozenset({
    "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
    "te", "trailer", "transfer-encoding", "upgrade", "expect",
})  # fmt: skip
_OWN = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
_LONGEST_HEADER = 64 * 1024
_CLOSING = 5.0  # seconds for requests that are still answered when the port is closed for good


class Upstream:
    """One version's private port, and how many requests it is answering now."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()
        # Every request has a connection of its own: one kept from before may be closed just as it is used.
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
            auto_decompress=False,
            skip_auto_headers=_OWN,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
        )

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        """Count one request."""
        self._busy += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._busy -= 1
            if not self._busy:
                self._idle.set()

    async def idle(self, patience: float) -> None:
        """Return when it answers nothing any more, or the patience is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._idle.wait()

    async def close(self) -> None:
        """Break what is left."""
        await self.session.close()


class Front:
    """A public port. `upstream` is where the next request goes; without one the answer is 503 and says why."""

    def __init__(self, name: str, port: int, address: str = "127.0.0.1") -> None:
        self.port = port
        self._address = address
        self.upstream: Upstream | None = None
        self.why = "nothing has been deployed there yet"
        self._name = name
        self._runner: web.AppRunner | None = None
        self._one_at_a_time = asyncio.Lock()

    async def open(self) -> None:
        """Listen, unless it already does; `NotUp` names who has the port."""
        async with self._one_at_a_time:
            if self._runner is None:
                self._runner = await self._listen()

    async def _listen(self) -> web.AppRunner:
        app = web.Application(client_max_size=0)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(
            app,
            access_log=None,
            auto_decompress=False,
            shutdown_timeout=_CLOSING,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._address, self.port, backlog=1024, reuse_address=True).start()
        except OSError as error:
            await runner.cleanup()
            if error.errno == errno.EADDRINUSE:
                who = await asyncio.to_thread(holder, self.port)
                words = f"port {self.port} is taken by {who}: end that, or give {self._name} another port"
                raise NotUp(words) from error
            raise NotUp(f"cannot listen on port {self.port}: {error.strerror}") from error
        return runner

    async def close(self) -> None:
        """Take no more requests, let those that are answered come to their end, and give the port back."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        upstream = self.upstream
        if upstream is None:
            return _sorry(503, f"No version of {self._name} is running: {self.why}")
        with upstream.answering():
            return await self._pass_on(request, upstream)

    async def _pass_on(self, request: web.Request, upstream: Upstream) -> web.StreamResponse:
        target = URL(f"http://127.0.0.1:{upstream.port}{request.rel_url.raw_path_qs}", encoded=True)
        body = request.content if request.body_exists else None
        try:
            asked = upstream.session.request(
                request.method, target, headers=_to_upstream(request), data=body, allow_redirects=False
            )
            async with asked as answer:
                return await _pass_back(request, answer)
        except (aiohttp.ClientError, OSError) as error:
            return _sorry(502, f"The version of {self._name} that is live did not answer: {error}")


async def _pass_back(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=_kept(answer.headers))
    try:
        await response.prepare(request)
        async for piece in answer.content.iter_any():
            await response.write(piece)
        await response.write_eof()
    except (aiohttp.ClientError, OSError):
        # Either side broke off in the middle. Whoever listens must not take a part for the whole.
        if request.transport is not None:
            request.transport.abort()
    return response


def _to_upstream(request: web.Request) -> CIMultiDict[str]:
    headers = _kept(request.headers)
    before = headers.get("X-Forwarded-For")
    remote = request.remote or "unknown"
    headers["X-Forwarded-For"] = f"{before}, {remote}" if before else remote
    headers.setdefault("X-Forwarded-Host", request.host)
    headers.setdefault("X-Forwarded-Proto", "http")
    return headers


def _kept(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Return the headers without those that speak of one connection, named ones included."""
    named = {word.strip().lower() for value in headers.getall("Connection", []) for word in value.split(",")}
    dropped = _HOP_BY_HOP | named
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in dropped)


def _sorry(status: int, words: str) -> web.Response:
    return web.Response(status=status, text=f"{words}\n", headers={"Retry-After": "1"})
