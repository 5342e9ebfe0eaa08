"""Calling Slack: every answer and every failure of its Web API becomes one of our own words, at this one place.

`ok: false` with a documented code is for good (`GaveUp`, or `Gone` where the message or its channel is missing); 429
and Slack's own trouble are for now (`Retry`). A call that was sent off and got no answer is `Unclear` where doing it
twice would show, and `Retry` where it would not.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal, Self

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import GaveUp, Retry
from bot.ports import Gone, Unclear

Told = Callable[[str, str], None]  # method, outcome: for the metrics

TIMEOUT = 15  # seconds for one call
_MESSAGE_GONE = frozenset({"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed"})
_CHANNEL_GONE = frozenset(
    {"channel_not_found", "is_archived", "not_in_channel", "restricted_action", "user_not_found", "user_not_visible"}
)
_TROUBLE = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
_OK, _BUSY, _SERVER_ERROR = 200, 429, 500


class SlackClient:
    """Slack's Web API with our errors. One HTTP session, opened by `async with`."""

    def __init__(self, token: str, api_url: str, *, told: Told = lambda _method, _outcome: None) -> None:
        self._token, self._api_url, self._told = token, api_url, told
        self._session: aiohttp.ClientSession | None = None
        self.web = self._make(None)

    def _make(self, session: aiohttp.ClientSession | None) -> AsyncWebClient:
        return AsyncWebClient(
            token=self._token, base_url=self._api_url, timeout=TIMEOUT, session=session, retry_handlers=[]
        )

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        self.web = self._make(self._session)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        method: str,
        arguments: dict[str, object],
        *,
        how: Literal["json", "params", "query"] = "json",
        repeats: bool = True,
    ) -> AsyncSlackResponse:
        """Call a method. `repeats` says that doing it twice is the same as once, so that no answer is only `Retry`.

        `how` its arguments go: as JSON, or in the address for methods that read (`params`) or write (`query`) and take
        no JSON.
        """
        sent = {name: value for name, value in arguments.items() if value is not None}
        try:
            if how == "json":
                answer = await self.web.api_call(method, json=sent)
            else:
                answer = await self.web.api_call(method, http_verb="GET" if how == "params" else "POST", params=sent)
        except SlackApiError as error:
            raise self._no(method, error, repeats=repeats) from error
        except aiohttp.ClientConnectorError as error:
            self._told(method, "unreachable")
            raise Retry(f"Slack cannot be reached: {error.strerror or 'no connection'}") from error
        except (TimeoutError, aiohttp.ClientError, SlackRequestError, ConnectionError) as error:
            self._told(method, "no answer")
            words = f"Slack did not answer {method}"
            raise (Retry(words) if repeats else Unclear(words)) from error
        self._told(method, "ok")
        return answer

    async def send(self, address: str, content: bytes) -> None:
        """Send a file's bytes to where Slack said; `Retry` when they did not arrive, or not surely."""
        if self._session is None:
            raise RuntimeError("SlackClient is used with “async with”")
        kind = {"Content-Type": "application/octet-stream"}
        try:
            async with self._session.post(address, data=content, headers=kind, allow_redirects=False) as answer:
                status = answer.status
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self._told("upload", "no answer")
            raise Retry("Slack did not take the file") from error
        self._told("upload", "ok" if status == _OK else str(status))
        if status != _OK:
            raise Retry(f"Slack did not take the file (HTTP {status})")

    def _no(self, method: str, error: SlackApiError, *, repeats: bool) -> Exception:
        response = error.response
        status = getattr(response, "status_code", 0)
        code = str(response.get("error", "")) if isinstance(response.data, dict) else ""
        self._told(method, code or str(status))
        if status == _BUSY:
            seconds = str(response.headers.get("Retry-After", response.headers.get("retry-after", "1")))
            return Retry("ratelimited", after=timedelta(seconds=int(seconds) if seconds.isdecimal() else 1))
        if status >= _SERVER_ERROR or code in _TROUBLE or not code:
            words = f"Slack is in trouble ({code or status})"
            return Retry(words) if repeats or code == "service_unavailable" else Unclear(words)
        if code in _MESSAGE_GONE:
            return Gone("message", code)
        if code in _CHANNEL_GONE:
            return Gone("channel", code)
        return GaveUp(f"Slack refuses {method}: {code}{_details(response)}")


def _details(response: AsyncSlackResponse) -> str:
    """Return what Slack says beyond the code: which argument, which scope."""
    metadata = response.get("response_metadata") or {}
    needed = response.get("needed")
    said = [str(message) for message in metadata.get("messages", [])] if isinstance(metadata, dict) else []
    said += [f"needs the scope {needed}"] if needed else []
    return f" ({'; '.join(said)[:300]})" if said else ""
