"""PagerDuty by its Events API v2: an incident for what nobody is at, acknowledged and resolved as the alerts are.

See https://developer.pagerduty.com/docs/events-api-v2/overview/. The page's key is the `dedup_key`: PagerDuty takes the
same key for the same incident, so that asking once more is as once. It asks once, and follows no redirect.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Literal

import aiohttp
from pydantic import BaseModel, ConfigDict, Field

from bot.domain.errors import GaveUp, Retry
from bot.plugins import PagerKind, Surroundings
from bot.ports import Page, Pager, SecretName, Unclear

PATIENCE = aiohttp.ClientTimeout(total=10, connect=5)
SEVERITIES = {"critical": "critical", "high": "error", "medium": "warning", "low": "info"}  # PagerDuty's four words
MOST_SUMMARY, MOST_SHOWN, MOST_READ = 1024, 200, 64 * 1024
LONGEST_AFTER = 60  # seconds; longer than that nobody waits to be woken

Verb = Literal["trigger", "acknowledge", "resolve"]


class PagerDutyConfig(BaseModel):
    """A service of PagerDuty, by an integration of the type Events API v2."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    routing_key: SecretName = Field(min_length=1, description="the name of the secret with the integration key")
    webhook: SecretName | None = Field(
        None,
        min_length=1,
        description="the name of the secret that signs PagerDuty's webhooks to `/webhooks/pagerduty/<the name here>`",
    )
    people: Mapping[str, str] = Field(
        default_factory=dict,
        description="who is who: the Slack user id of a user id of PagerDuty (`PXYZ123: U012AB3CD`)",
    )
    url: str = Field(
        "https://events.pagerduty.com", pattern=r"^https?://.+$", description="the address of its Events API"
    )


class PagerDuty:
    """Implements `bot.ports.Pager` and `bot.ports.Follows`."""

    def __init__(self, config: PagerDutyConfig, around: Surroundings, session: aiohttp.ClientSession) -> None:
        self._config, self._around, self._session = config, around, session

    async def tell(self, page: Page) -> str:
        """See `bot.ports.Pager`."""
        return await self._send("trigger", page, _event(page))

    async def acknowledge(self, page: Page) -> str:
        """See `bot.ports.Follows`."""
        return await self._send("acknowledge", page, {})

    async def resolve(self, page: Page) -> str:
        """See `bot.ports.Follows`."""
        return await self._send("resolve", page, {})

    async def _send(self, verb: Verb, page: Page, more: Mapping[str, object]) -> str:
        key = self._around.secrets.read(self._config.routing_key)
        event = {"routing_key": key, "event_action": verb, "dedup_key": page.key, **more}
        address = f"{self._config.url.rstrip('/')}/v2/enqueue"
        try:
            async with self._session.post(address, json=event, allow_redirects=False) as answer:
                body = await answer.content.read(MOST_READ)
                return self._read(answer.status, body, answer.headers.get("Retry-After", ""))
        except aiohttp.ClientConnectorError as error:
            raise Retry(f"PagerDuty cannot be reached: {error.strerror or 'no connection'}") from error
        except aiohttp.InvalidURL as error:
            raise GaveUp(f"“{self._config.url}” is not an address of PagerDuty's") from error
        except aiohttp.ConnectionTimeoutError as error:
            raise Retry("PagerDuty cannot be reached: no connection in time") from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unclear("PagerDuty gave no answer") from error

    def _read(self, status: int, body: bytes, after: str) -> str:
        """Return what PagerDuty says of an event that it took; else raise in its own words."""
        told = _json(body)
        if status == HTTPStatus.ACCEPTED:
            return str(told.get("message") or "Event processed")
        words = self._words(told, body) or f"HTTP {status}"
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            seconds = min(int(after), LONGEST_AFTER) if after.isdecimal() else None
            raise Retry(f"too many events at once: {words}", after=timedelta(seconds=seconds) if seconds else None)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Retry(f"PagerDuty is in trouble (HTTP {status}): {words}")
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST or status < HTTPStatus.MULTIPLE_CHOICES:
            raise GaveUp(f"what answers at {self._config.url} is not PagerDuty (HTTP {status})")
        raise GaveUp(words)

    def _words(self, told: Mapping[str, object], body: bytes) -> str:
        if not told:
            return self._around.mask.line(body.decode(errors="replace"), MOST_SHOWN)
        errors = told.get("errors")
        said = [str(told.get("message") or ""), *(str(one) for one in (errors if isinstance(errors, list) else []))]
        return self._around.mask.line(": ".join(one for one in said if one), MOST_SHOWN)


def _event(page: Page) -> dict[str, object]:
    payload = {
        "summary": f"{page.title}: {page.text.splitlines()[0]}"[:MOST_SUMMARY]
        if page.text
        else page.title[:MOST_SUMMARY],
        "source": page.source or "slipway",
        "severity": SEVERITIES.get(page.severity, "error"),
        "timestamp": page.at.isoformat(),
        "custom_details": {**page.facts, "what": page.text},
    }
    links = [{"href": page.link, "text": "The alerts in Slack"}] if page.link else []
    url = {"client_url": page.link} if page.link else {}
    return {"payload": payload, "client": "Slipway", "links": links, **url}


def _json(body: bytes) -> Mapping[str, object]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


@asynccontextmanager
async def opened(around: Surroundings, config: BaseModel) -> AsyncIterator[Pager]:
    """Open it for as long as the bot runs."""
    if not isinstance(config, PagerDutyConfig):
        raise TypeError("PagerDuty is opened with its own section")
    async with aiohttp.ClientSession(timeout=PATIENCE, headers={"User-Agent": "slipway"}) as session:
        yield PagerDuty(config, around, session)


PAGER = PagerKind("pagerduty", PagerDutyConfig, opened, keyed=True)
