"""Requests as Slack posts them: signed, and wrapped for whatever takes ASGI. Made of nothing the bot is made of."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class Posted:
    """One POST, as it goes over the wire."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def request(self, pieces: Iterable[bytes] | None = None) -> Request:
        """What ASGI makes of it; the body comes in these pieces."""
        left = list(pieces if pieces is not None else [self.body])

        async def receive() -> dict[str, Any]:
            if not left:
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        scope = {"type": "http", "method": "POST", "path": "/slack/events", "query_string": b"", "headers": headers}
        return Request(scope, receive)

    def with_headers(self, **changed: str | None) -> Posted:
        """The same with some headers changed, or taken away; `x_slack_signature` stands for `x-slack-signature`."""
        wanted = {name.replace("_", "-"): value for name, value in changed.items()}
        headers = {name: value for name, value in ({**self.headers} | wanted).items() if value is not None}
        return Posted(self.body, headers)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    return "v0=" + hmac.new(secret.encode(), b"v0:%s:%s" % (timestamp.encode(), body), hashlib.sha256).hexdigest()


def signed(body: bytes, *, secret: str, at: float | str, content_type: str = FORM) -> Posted:
    """A POST that Slack would have signed at this time."""
    timestamp = at if isinstance(at, str) else str(int(at))
    return Posted(
        body,
        {
            "content-type": content_type,
            "content-length": str(len(body)),
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": signature(secret, timestamp, body),
        },
    )


def command(text: str = "staging", **changed: str | None) -> bytes:
    """The body of a slash command."""
    fields = {
        "token": "x",
        "team_id": "T0HEALTHB1",
        "team_domain": "healthbridge",
        "channel_id": "C0DEPLOYM2",
        "channel_name": "deployments",
        "user_id": "U0NDAPEWA1",
        "user_name": "ndapewa",
        "command": "/deploy",
        "text": text,
        "api_app_id": "A0SLIPWAY1",
        "is_enterprise_install": "false",
        "response_url": "http://127.0.0.1:1/response/x",
        "trigger_id": "1.2.abc",
    }
    return urlencode({name: value for name, value in (fields | changed).items() if value is not None}).encode()


def interaction(payload: object) -> bytes:
    """The body of a button, a modal, a shortcut."""
    return urlencode({"payload": json.dumps(payload)}).encode()
