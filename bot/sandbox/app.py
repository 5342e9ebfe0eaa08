"""The HTTP surface of one local Slack: page, Web API, response_urls, Socket Mode, driver.

Nothing is bound to a network here; `serving.py` binds to 127.0.0.1 and to nothing else.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from .config import SandboxConfig
from .driver import arranging, gestures, looking, talking
from .driver.asked import endpoint
from .driver.streaming import stream
from .dropping import Dropped, hang_up
from .errors import SlackError
from .sandbox import Sandbox
from .web_api.endpoint import WebApi, refuse_when_down
from .wire import parsed

PAGE = Path(__file__).parent / "page"
DRIVER = (looking, gestures, talking, arranging)
GONE, BAD = 404, 400
HOSTS = ("127.0.0.1", "localhost")
"""Names a browser may know this by; any other means a website that points its own name at this machine."""


def create(config: SandboxConfig) -> Starlette:
    """Return the application; its `state.slack` is the `Sandbox`."""
    slack = Sandbox(config)
    routes: list[BaseRoute] = [
        Route("/", _page),
        Route("/archives/{channel}/{message}", _page),
        Route("/api/{method}", WebApi(slack).serve, methods=["GET", "POST"]),
        Route("/response/{id}", _responding(slack), methods=["POST"]),
        Route("/upload/v1/{ticket}", _taking(slack), methods=["POST"]),
        Route("/files/{id}", _file(slack)),
        WebSocketRoute("/socket", slack.sockets.endpoint),
        Route("/driver/stream", stream(slack)),
        *_driver(slack),
        Mount("/page", StaticFiles(directory=PAGE, check_dir=False)),
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await slack.close()

    guard = Middleware(TrustedHostMiddleware, allowed_hosts=[*HOSTS, urlsplit(config.base_url).hostname or HOSTS[0]])
    app = Starlette(routes=routes, lifespan=lifespan, middleware=[guard], exception_handlers={Dropped: hang_up})
    app.state.slack = slack
    return app


def _driver(slack: Sandbox) -> list[BaseRoute]:
    """Return the routes of the driver's tables."""
    tables = [item for table in DRIVER for item in table.ROUTES.items()]
    found: list[BaseRoute] = []
    for where, ask in tables:
        method, path = where.split(" ")
        found.append(Route(path, endpoint(slack, ask), methods=[method]))
    known = ["GET /driver/stream", *(where for where, _ in tables)]
    return [*found, Route("/driver/{path:path}", _unknown(known), methods=["GET", "POST", "PUT", "PATCH", "DELETE"])]


def _unknown(known: list[str]) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of what the driver does not know."""

    async def serve(request: Request) -> Response:
        asked = f"{request.method} {request.url.path}"
        return JSONResponse({"ok": False, "error": f"There is no {asked}; there are {', '.join(known)}."}, GONE)

    return serve


async def _page(_request: Request) -> Response:
    """Serve the client."""
    return FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-store"})


def _responding(slack: Sandbox) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of the response_urls."""

    async def serve(request: Request) -> Response:
        refuse_when_down(slack)
        body = parsed(await request.body())
        if not isinstance(body, dict):
            return PlainTextResponse("invalid_payload", BAD)
        try:
            slack.responses.use(request.path_params["id"], body)
        except SlackError as error:
            return PlainTextResponse(error.code, GONE if error.code.endswith("_url") else BAD)
        return PlainTextResponse("ok")

    return serve


def _taking(slack: Sandbox) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint to which the bytes of files are sent."""

    async def serve(request: Request) -> Response:
        refuse_when_down(slack)
        kind = request.headers.get("content-type", "")
        try:
            size = slack.files.take(request.path_params["ticket"], await request.body(), kind)
        except SlackError as error:
            return PlainTextResponse(error.code, GONE if error.code == "invalid_upload_url" else BAD)
        return PlainTextResponse(f"OK - {size}")

    return serve


def _file(slack: Sandbox) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of files, for the page: everybody on this machine may look at them."""

    async def serve(request: Request) -> Response:
        file = slack.files.find(request.path_params["id"])
        if file is None or not file.kind:
            return PlainTextResponse("file_not_found", GONE)
        return Response(file.bytes, media_type=file.mimetype, headers={"X-Content-Type-Options": "nosniff"})

    return serve
