"""The server itself: who may ask, conditional answers, rate limits, troubles; and a record of what was asked."""

import asyncio
import base64
import hashlib
import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import jwt
from aiohttp import web

from bot.ports import Clock
from tests.contract.living import WallClock
from tests.fakes.github.actions import Actions
from tests.fakes.github.answers import missing, refused
from tests.fakes.github.deployments import Deployments
from tests.fakes.github.opinions import Opinions
from tests.fakes.github.repository import Repository
from tests.fakes.github.trouble import Trouble

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TOKEN = "github_pat_an_invention"


@dataclass(frozen=True)
class Asked:
    """A request that came, and how it was answered."""

    method: str
    path: str
    status: int


class GitHub:
    """Use it with ``async with``; `url` is then where its API is, as on an Enterprise Server."""

    def __init__(self, clock: Clock | None = None, *, name: str = "acme/shop", git: Path | None = None) -> None:
        self.clock = clock or WallClock()
        self.repository = Repository(name, commits={"0" * 40})
        self.tokens = {TOKEN}
        self.app: tuple[int, int, str] | None = None  # id, installation, public key
        self.lends_for = timedelta(hours=1)
        self.forbidden: dict[str, str] = {}  # what is not allowed, as a pattern, and the permission that it needs
        self.hold = False  # whether new runs stand still
        self.asked: list[Asked] = []
        self.heard: Callable[[], object] = lambda: None  # called when a request was done, before it is answered
        self.troubles: list[Trouble] = []
        self.actions, self.deployments, self.opinions = Actions(self), Deployments(self), Opinions(self)
        self._git = git
        self._runner: web.AppRunner | None = None
        self.web = ""

    @property
    def url(self) -> str:
        return f"{self.web}/api/v3"

    async def __aenter__(self) -> Self:
        # One repository is there; any other is answered as GitHub answers what it will not show.
        application = web.Application(middlewares=[self._let_in])
        root = f"/api/v3/repos/{self.repository.name}"
        for part in (self.actions, self.deployments, self.opinions):
            application.add_routes(part.routes(root))
        application.router.add_post("/api/v3/app/installations/{id}/access_tokens", self._lend)
        application.router.add_get("/blob/{job}", self.actions.blob)
        application.router.add_route("*", f"/{self.repository.name}.git/{{tail:.*}}", self._clone)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.web = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Be gone."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def changes(self) -> list[str]:
        """Return what was asked for that is no question: method and the end of the path."""
        return [f"{one.method} {one.path}" for one in self.asked if one.method != "GET" and one.status < 300]

    @property
    def cancels(self) -> list[str]:
        """How runs were asked to end, and GitHub said yes: `cancel` or `force-cancel`, in order."""
        ends = [one.path.rpartition("/")[2] for one in self.asked if one.method == "POST" and one.status == 202]
        return [word for word in ends if word.endswith("cancel")]

    @property
    def dispatches(self) -> int:
        """How many runs were begun from outside."""
        return sum("slipway" in run.inputs for run in self.repository.runs)

    @web.middleware
    async def _let_in(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await self._answer(request, handler)
        answer.headers["date"] = format_datetime(self.clock.now(), usegmt=True)
        self.asked.append(Asked(request.method, request.path, answer.status))
        self.heard()
        return answer

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith("/api/v3"):
            return await handler(request)
        trouble = next((one for one in self.troubles if one.befalls(request)), None)
        if trouble is not None:
            trouble.times -= 1
            if trouble.done:
                await self._told(request, handler)
            return trouble.answer(request)
        answer = await self._told(request, handler)
        answer.headers["x-github-request-id"] = "ABCD:1234"
        answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"] = "5000", "4999"
        answer.headers["x-ratelimit-reset"] = str(int(self.clock.now().timestamp()) + 3600)
        return answer

    async def _told(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if "access_tokens" not in request.path and _shown(request) not in self.tokens:
            return refused(401, "Bad credentials")
        for pattern, permission in self.forbidden.items():
            if re.search(pattern, f"{request.method} {request.path}"):
                words = "Resource not accessible by personal access token"
                return refused(403, words, x_accepted_github_permissions=permission)
        try:
            answer = await handler(request)
        except web.HTTPNotFound:
            return missing()
        if request.method == "GET" and isinstance(answer, web.Response) and isinstance(answer.body, bytes):
            return _conditional(request, answer, answer.body)
        return answer

    async def _lend(self, request: web.Request) -> web.Response:
        """Lend an App a token for its installation, when it signs as who it is."""
        assert self.app is not None
        number, installation, public = self.app
        try:
            signed = jwt.decode(_shown(request), public, algorithms=["RS256"], issuer=str(number))
        except jwt.PyJWTError as error:
            return refused(401, f"A JSON web token could not be decoded: {error}")
        assert signed["exp"] - signed["iat"] <= 600
        if request.match_info["id"] != str(installation):
            return missing()
        token = f"ghs_{next(self.repository.numbers)}"
        self.tokens = {TOKEN, token}
        until = (self.clock.now() + self.lends_for).strftime("%Y-%m-%dT%H:%M:%SZ")
        return web.json_response({"token": token, "expires_at": until}, status=201)

    async def _clone(self, request: web.Request) -> web.Response:
        """Let git itself answer, to who shows a token as git's password."""
        said = request.headers.get("authorization", "")
        known = {base64.b64encode(f"x-access-token:{token}".encode()).decode() for token in self.tokens}
        if said.removeprefix("Basic ") not in known:
            return web.Response(status=401, headers={"www-authenticate": 'Basic realm="GitHub"'})
        assert self._git is not None
        variables = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self._git),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{request.match_info['tail']}",
            "QUERY_STRING": request.query_string,
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
            "REMOTE_USER": "x-access-token",
        }
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec("git", "http-backend", stdin=pipe, stdout=pipe, env=variables)
        out, _ = await process.communicate(await request.read())
        head, _, body = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200").split()[0])
        return web.Response(status=status, headers=headers, body=body)


def _shown(request: web.Request) -> str:
    return request.headers.get("authorization", "").partition(" ")[2]


def _conditional(request: web.Request, answer: web.Response, body: bytes) -> web.Response:
    """Answer 304 to who knows it already; as GitHub's, the mark depends on who asks."""
    mark = f'W/"{hashlib.sha256(_shown(request).encode() + body).hexdigest()}"'
    if request.headers.get("if-none-match") == mark:
        return web.Response(status=304, headers={"etag": mark})
    answer.headers["etag"] = mark
    return answer
