"""`POST /slack/events`: everything that Slack sends over HTTP, through the guard, to the edge."""

import time
from typing import Protocol

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.slack.edge import Edge
from bot.slack.guard import Guard


class Watcher(Protocol):
    """Who is told how requests went."""

    def acked(self, seconds: float) -> None:
        """Note how long Slack waited for an answer."""

    def refused(self, status: int) -> None:
        """Note that the guard refused a request."""


def route(edge: Edge, guard: Guard, watcher: Watcher) -> Route:
    """Return the route: Starlette's own, for the guard leaves nothing for FastAPI to check."""

    async def events(request: Request) -> Response:
        began = time.perf_counter()
        admitted = await guard.admit(request)
        if isinstance(admitted, Response):
            watcher.refused(admitted.status_code)
            return admitted
        payload = admitted.payload
        if payload.get("type") == "url_verification":
            return PlainTextResponse(str(payload["challenge"]))
        if admitted.repeat or payload.get("type") == "app_rate_limited" or "ssl_check" in payload:
            return Response(status_code=200)
        answer = await edge.dispatch(payload)
        watcher.acked(time.perf_counter() - began)
        headers = {"content-type": answer.headers.get("content-type", ["text/plain"])[0]}
        return Response(answer.body, answer.status, headers)

    return Route("/slack/events", events, methods=["POST"])
