"""Hanging up: how the local Slack does work and then loses the answer, or is simply not there.

ASGI has no word for "close the connection without answering". uvicorn's request cycle holds the transport, so that is
asked to abort; under another server a truncated answer is the next best thing.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send


class Dropped(Exception):  # noqa: N818 - what happened to the request
    """No answer shall be given; with a status, that status and nothing else."""

    def __init__(self, status: int | None = None) -> None:
        super().__init__()
        self.status = status


class Silence(Response):
    """An answer that never comes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Abort the connection and wait until the server noticed, so that it writes no error of its own."""
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is None:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
            return
        transport.abort()
        message: Message = {"type": ""}
        while message["type"] != "http.disconnect":
            message = await receive()


async def hang_up(_request: Request, error: Exception) -> Response:
    """Answer `Dropped`, as Starlette's exception handler."""
    status = error.status if isinstance(error, Dropped) else None
    return Silence() if status is None else JSONResponse({"ok": False, "error": "service_unavailable"}, status)
