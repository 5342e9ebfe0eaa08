"""From Slack to the app: signed HTTP, or Socket Mode when the app is connected by it.

One attempt per call and no opinion about repeating it: commands and interactions are never repeated, events are, by
events.py. The body is made once and signed as the bytes that travel.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

import aiohttp

from .credentials import Credentials
from .errors import DISPATCH_FAILED, OPERATION_TIMEOUT, NotDelivered
from .socket_mode import NotAcknowledged, NotConnected, SocketHub
from .wire import Json, compact, parsed

Kind = Literal["slash_commands", "interactive", "events_api"]
FORM = "application/x-www-form-urlencoded"
REDIRECTS = 2
FIRST_ERROR = 300


@dataclass(frozen=True)
class Retry:
    """The how-manieth repetition this is (1 to 3) and why, in Slack's words."""

    number: int
    reason: str


@dataclass
class App:
    """Where the app is. Both may change while the local Slack runs."""

    request_url: str | None
    bot_url: str | None = None


class Outbound:
    """The way to the app."""

    def __init__(
        self, app: App, credentials: Credentials, hub: SocketHub, *, now: Callable[[], float], patience: float
    ) -> None:
        self.app = app
        self.patience = patience
        self._credentials = credentials
        self._hub = hub
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    @property
    def has_app(self) -> bool:
        """Whether there is anybody to send to."""
        return self.app.request_url is not None or bool(self._hub.connected)

    async def send(
        self, kind: Kind, payload: Json, *, accepts_response: bool = True, retry: Retry | None = None
    ) -> Json | None:
        """Return what the app answered in the body, or None. Raises NotDelivered, with the reason in Slack's words."""
        if self._hub.connected:
            return await self._by_socket(kind, payload, accepts_response=accepts_response, retry=retry)
        content_type, body = _encoded(kind, payload)
        return await self.post(content_type, body, retry)

    async def _by_socket(
        self, kind: Kind, payload: Json, *, accepts_response: bool, retry: Retry | None
    ) -> Json | None:
        again = (retry.number, retry.reason) if retry else None
        try:
            return await self._hub.deliver(
                kind, payload, accepts_response=accepts_response, retry=again, timeout=self.patience
            )
        except NotConnected as error:
            raise NotDelivered(DISPATCH_FAILED, "connection_failed") from error
        except NotAcknowledged as error:
            raise NotDelivered(OPERATION_TIMEOUT, "http_timeout") from error

    async def post(self, content_type: str, body: bytes, retry: Retry | None = None) -> Json | None:
        """Send the signed body to the request URL. Raises NotDelivered."""
        if self.app.request_url is None:
            raise NotDelivered(DISPATCH_FAILED, "connection_failed")
        headers = self._headers(content_type, body, retry)
        try:
            async with self._opened().post(
                self.app.request_url, data=body, headers=headers, max_redirects=REDIRECTS
            ) as answer:
                return _understood(answer, await answer.read())
        except TimeoutError as error:
            raise NotDelivered(OPERATION_TIMEOUT, "http_timeout") from error
        except aiohttp.TooManyRedirects as error:
            raise NotDelivered(DISPATCH_FAILED, "too_many_redirects") from error
        except aiohttp.ClientSSLError as error:
            raise NotDelivered(DISPATCH_FAILED, "ssl_error") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotDelivered(DISPATCH_FAILED, "connection_failed") from error

    async def close(self) -> None:
        """Let the connections go."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Return the one session; it needs a running loop, so it is made at the first use."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self.patience)
            self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    def _headers(self, content_type: str, body: bytes, retry: Retry | None) -> dict[str, str]:
        """Return Slack's headers, the signature over exactly these bytes among them."""
        timestamp = str(int(self._now()))
        again = {"x-slack-retry-num": str(retry.number), "x-slack-retry-reason": retry.reason} if retry else {}
        return again | {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "application/json,*/*",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._credentials.signing_secret, timestamp, body),
        }


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return Slack's `v0=` signature of the body."""
    base = f"v0:{timestamp}:".encode() + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def _encoded(kind: Kind, payload: Json) -> tuple[str, bytes]:
    """Return content type and bytes: commands are form fields, interactions one form field, events JSON."""
    if kind == "slash_commands":
        return FORM, urlencode(payload).encode()
    if kind == "interactive":
        return FORM, urlencode({"payload": compact(payload)}).encode()
    return "application/json", compact(payload).encode()


def _understood(answer: aiohttp.ClientResponse, body: bytes) -> Json | None:
    """Return the body as an object (text becomes `{"text": ...}`), None when empty. Raises NotDelivered on non-2xx."""
    if answer.status >= FIRST_ERROR:
        refused = answer.headers.get("x-slack-no-retry") == "1"
        raise NotDelivered(DISPATCH_FAILED, "no_retry" if refused else "http_error")
    if not body.strip():
        return None
    found = parsed(body)
    return found if isinstance(found, dict) else {"text": body.decode("utf-8", "replace")}
