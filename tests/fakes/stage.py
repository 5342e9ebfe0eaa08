"""What the tests of the Slack edge stand on: a clock to move, an app that listens, and a running local Slack."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.config import SandboxConfig
from bot.sandbox.driving import Driver, eventually
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.serving import serving

Json = dict[str, Any]
Answer = Callable[[Json], Awaitable[object]]


@dataclass
class Clock:
    """Time that a test moves; it starts where the tests' year is."""

    at: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class ReceivingApp:
    """An app that keeps what Slack sent and answers as the test says: None, an object, a text, a response."""

    url: str = ""
    received: list[Json] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    answer: Answer | None = None

    def of(self, kind: str) -> list[Json]:
        """What was received of this type: a payload's type, an event's type, or `command`."""
        return [body for body in self.received if kind in (body.get("type"), body.get("event", {}).get("type"))]

    async def heard(self, kind: str, count: int = 1) -> list[Json]:
        """Wait until so many of this type have come."""

        async def enough() -> list[Json] | None:
            return found if len(found := self.of(kind)) >= count else None

        return await eventually(enough)

    async def receive(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        self.raw.append(raw)
        self.headers.append(dict(request.headers))
        body = _understood(request.content_type, raw)
        self.received.append(body)
        said = await self.answer(body) if self.answer else None
        if isinstance(said, web.StreamResponse):
            return said
        return web.json_response(said) if isinstance(said, dict) else web.Response(text=str(said or ""))


def _understood(content_type: str, raw: bytes) -> Json:
    if content_type == "application/json":
        return dict(json.loads(raw))
    form = {name: values[0] for name, values in parse_qs(raw.decode(), keep_blank_values=True).items()}
    return dict(json.loads(form["payload"])) if "payload" in form else form | {"type": "command"}


@dataclass
class LocalSlack:
    """A running local Slack: its addresses and secrets, its driver, the bot's client."""

    base_url: str
    info: Json
    driver: Driver
    web: AsyncWebClient
    slack: Sandbox

    def is_signed(self, raw: bytes, headers: dict[str, str], clock: Callable[[], float]) -> bool:
        verifier = SignatureVerifier(self.info["signing_secret"], clock=_At(clock))
        return verifier.is_valid_request(raw, headers)


class _At:
    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now


@contextlib.asynccontextmanager
async def started(config: SandboxConfig) -> AsyncIterator[LocalSlack]:
    async with serving(config) as running:
        driver = Driver(running.base_url)
        info = await driver.info()
        client = AsyncWebClient(token=info["bot_token"], base_url=info["web_api_url"])
        try:
            yield LocalSlack(running.base_url, info, driver, client, running.slack)
        finally:
            await driver.close()


async def refused(call: Awaitable[object]) -> str:
    """Return the error code with which Slack refuses the call."""
    try:
        await call
    except SlackApiError as error:
        return str(error.response["error"])
    raise AssertionError("Slack did not refuse it")
