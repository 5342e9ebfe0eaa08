"""`GET /driver/stream`: Server-Sent Events for one person's pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from bot.sandbox.driver.asked import Asked
from bot.sandbox.errors import DriverError
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.wire import compact

HEARTBEAT = 15.0
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def stream(slack: Sandbox) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint."""

    async def serve(request: Request) -> Response:
        try:
            person = Asked(slack, dict(request.query_params)).person()
        except DriverError as error:
            return JSONResponse({"ok": False, "error": error.sentence}, error.status)
        return StreamingResponse(_lines(slack, person.id), media_type="text/event-stream", headers=HEADERS)

    return serve


async def _lines(slack: Sandbox, person: str) -> AsyncIterator[str]:
    """Yield events as `data:` lines, and a comment in every silence."""
    async for event in slack.stream.listen(person, heartbeat=HEARTBEAT):
        yield ": still here\n\n" if event is None else f"data: {compact(event)}\n\n"
