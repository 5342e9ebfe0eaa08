"""What can go wrong between us and GitHub, to be scripted: which requests it befalls, and how often."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

JSON = "application/json; charset=utf-8"


@dataclass
class Trouble:
    """A trouble that befalls requests whose method and path match, so many times.

    `status` is answered instead of doing anything; 0 breaks the connection. With `done`, the work is done before, and
    only its answer is lost or turned into the status.
    """

    at: str  # a regular expression for "METHOD /path"
    status: int = 0
    words: str = "Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)
    done: bool = False
    times: int = 1

    def befalls(self, request: web.Request) -> bool:
        """Whether this request is one of those."""
        return self.times > 0 and re.search(self.at, f"{request.method} {request.path}") is not None

    def answer(self, request: web.Request) -> web.Response:
        """Answer with the trouble."""
        if self.status == 0:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        body = f'{{"message": "{self.words}", "documentation_url": "https://docs.github.com/rest"}}'
        return web.Response(status=self.status, body=body.encode(), headers={"content-type": JSON, **self.headers})


def primary(reset: int) -> dict[str, str]:
    """Return the headers of a primary rate limit that is used up until a time."""
    return {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset)}
