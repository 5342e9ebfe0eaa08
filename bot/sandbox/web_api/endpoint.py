"""`/api/<method>`: everything Slack does before a method itself is asked, in Slack's order.

Down and slow (the faults), unknown method, token, scopes, rate limit, required arguments, the method, a lost answer.
Errors are HTTP 200 with `ok: false`; only rate limits have a status of their own.
"""

from __future__ import annotations

import asyncio
import hmac
import math
import secrets
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.dropping import Dropped
from bot.sandbox.errors import SlackError
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.web_api import apps, chat, conversations, files, history, items, people, views
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.wire import Json, parsed

TABLES = (apps, chat, conversations, files, history, items, people, views)
METHODS: dict[str, Method] = {method.name: method for table in TABLES for method in table.METHODS}
TOO_MANY = 429
UNAVAILABLE = 503


class WebApi:
    """The Web API of one local Slack."""

    def __init__(self, slack: Sandbox) -> None:
        self._slack = slack

    async def serve(self, request: Request) -> Response:
        """Answer one call. Raises Dropped where Slack is to hang up."""
        refuse_when_down(self._slack)
        name = request.path_params["method"]
        await asyncio.sleep(self._slack.faults.delay(name))
        if (seconds := self._slack.faults.rate_limited(name)) is not None:
            return _too_many(seconds)
        try:
            answer = {"ok": True} | await self._answer(name, request)
        except SlackError as error:
            answer = error.body()
        except _TooManyError as error:
            return _too_many(error.seconds)
        if self._slack.faults.loses_answer(name):
            raise Dropped
        return JSONResponse(answer, headers=self._headers(name))

    async def _answer(self, name: str, request: Request) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        arguments = await _arguments(request, method)
        token = _bearer(request) or str(arguments.pop("token", "") or "")
        arguments.pop("token", None)
        self._admit(method, token)
        call = Call(self._slack, name, arguments)
        if method.scopes:
            call.needs(*method.scopes)
        wait = self._slack.limits.take(name, channel=_place(call))
        if wait is not None:
            raise _TooManyError(wait)
        missing = [f"missing required field: {field}" for field in method.required if _absent(arguments.get(field))]
        if missing:
            raise SlackError.arguments(*missing)
        return method.answer(call)

    def _admit(self, method: Method, token: str) -> None:
        """Raise not_authed, invalid_auth or not_allowed_token_type unless the token opens this method."""
        if method.token == "none":  # noqa: S105 - the kind of a token, not one
            return
        if not token:
            raise SlackError("not_authed")
        known = {"bot": self._slack.credentials.bot_token, "app": self._slack.credentials.app_token}
        kind = next(
            (kind for kind, right in known.items() if hmac.compare_digest(right.encode(), token.encode())), None
        )
        if kind is None:
            raise SlackError("invalid_auth")
        if method.token not in (kind, "any"):
            raise SlackError("not_allowed_token_type")

    def _headers(self, name: str) -> dict[str, str]:
        granted = self._slack.config.scopes
        accepted = METHODS[name].scopes if name in METHODS else ()
        return {
            "x-oauth-scopes": ",".join(sorted(granted)) if granted is not None else "",
            "x-accepted-oauth-scopes": ",".join(accepted),
            "x-slack-req-id": secrets.token_hex(16),
        }


class _TooManyError(Exception):
    """The app called too often; `seconds` until it may again."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


def refuse_when_down(slack: Sandbox) -> None:
    """Raise Dropped when the fault `down` says so; the status travels with it."""
    if mode := slack.faults.down():
        raise Dropped(UNAVAILABLE if mode == str(UNAVAILABLE) else None)


async def _arguments(request: Request, method: Method) -> Json:
    """Return query, form and JSON merged; JSON only where Slack reads it for this method."""
    merged: Json = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind == "application/json":
        body = parsed(await request.body() or b"{}")
        if not isinstance(body, dict):
            raise SlackError("invalid_json" if body is None else "json_not_object")
        body.pop("token", None)  # with a JSON body Slack takes the token from the header only
        merged |= body if method.takes_json else {}
    elif kind == "application/x-www-form-urlencoded":
        merged |= dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
    elif await request.body():
        raise SlackError("invalid_post_type")
    return merged


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _place(call: Call) -> str | None:
    """Return the channel's id however it was named, so that one channel is one bucket."""
    word = call.given("channel")
    channel = call.slack.workspace.channel_named(word) if word else None
    return channel.id if channel else word


def _absent(value: object) -> bool:
    return value is None or value == ""


def _too_many(seconds: float) -> Response:
    headers = {"Retry-After": str(math.ceil(seconds))}
    return JSONResponse({"ok": False, "error": "ratelimited"}, TOO_MANY, headers)
