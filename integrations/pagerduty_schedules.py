"""Who is on call by a schedule of PagerDuty (REST API v2): what is finally so, overrides included.

The entries of `/schedules/{id}` name their users; the emails are `/schedules/{id}/users`'s, and of `/oncalls` where a
key may not see those. A key that may only read is enough.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.domain.errors import GaveUp, Retry
from bot.ports import Secrets, Told
from integrations._session import WithSession

_PATIENCE = aiohttp.ClientTimeout(total=20)
_MOST_PAGES = 20
_PAGE = 100
_MOST_SHOWN = 200
_TOO_MANY = HTTPStatus.TOO_MANY_REQUESTS
_MIND = "use a REST API key that may read schedules"

Json = Mapping[str, Any]


class PagerDutySchedule(WithSession):
    """Implements `bot.ports.Roster`. Use it with ``async with``. `token` is the name of a secret."""

    def __init__(self, schedule: str, secrets: Secrets, *, token: str, url: str = "https://api.pagerduty.com") -> None:
        self._schedule, self._secrets, self._token = schedule, secrets, token
        self._url = url.rstrip("/")

    def _opened(self) -> aiohttp.ClientSession:
        headers = {"User-Agent": "slipway", "Accept": "application/vnd.pagerduty+json;version=2"}
        return aiohttp.ClientSession(timeout=_PATIENCE, headers=headers)

    async def spans(self, *, since: datetime, until: datetime) -> Sequence[Told]:
        """See `bot.ports.Roster`."""
        over = {"since": _iso(since), "until": _iso(until)}
        answer = await self._ask(f"schedules/{quote(self._schedule, safe='')}", {**over, "time_zone": "UTC"})
        entries = _part(answer, "schedule", "final_schedule", "rendered_schedule_entries")
        emails = await self._emails(over)
        try:
            return [_told(entry, emails) for entry in entries]
        except (KeyError, TypeError, ValueError) as error:
            raise GaveUp("PagerDuty answers a schedule of another form than its API says") from error

    async def _emails(self, over: Mapping[str, str]) -> dict[str, str]:
        """Return the emails of the schedule's users by their id in PagerDuty."""
        try:
            found = await self._ask(f"schedules/{quote(self._schedule, safe='')}/users", over)
            users = found.get("users", [])
        except GaveUp:
            users = [one["user"] for one in await self._on_calls(over) if isinstance(one.get("user"), dict)]
        return {str(one["id"]): str(one["email"]) for one in users if one.get("email")}

    async def _on_calls(self, over: Mapping[str, str]) -> list[Json]:
        found: list[Json] = []
        for _ in range(_MOST_PAGES):
            asked = {"schedule_ids[]": self._schedule, "include[]": "users", "limit": str(_PAGE)}
            answer = await self._ask("oncalls", {**over, **asked, "offset": str(len(found))})
            found += answer.get("oncalls", [])
            if not answer.get("more"):
                break
        return found

    async def _ask(self, what: str, asked: Mapping[str, str]) -> Json:
        if self._session is None:
            raise RuntimeError("PagerDuty is used with “async with”")
        headers = {"Authorization": f"Token token={self._secrets.read(self._token)}"}
        try:
            async with self._session.get(
                f"{self._url}/{what}", params=asked, headers=headers, allow_redirects=False
            ) as answer:
                if answer.status != HTTPStatus.OK:
                    raise await self._refusal(answer)
                said = await answer.json()
        except TimeoutError as error:
            raise Retry(f"PagerDuty gave no answer in {_PATIENCE.total:g}s") from error
        except (aiohttp.ContentTypeError, ValueError) as error:
            raise GaveUp(f"what answers at {self._url} is not PagerDuty's API") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Retry(f"PagerDuty at {self._url} cannot be reached ({type(error).__name__})") from error
        if not isinstance(said, dict):
            raise GaveUp(f"what answers at {self._url} is not PagerDuty's API")
        return said

    async def _refusal(self, answer: aiohttp.ClientResponse) -> Retry | GaveUp:
        """Return why PagerDuty does not answer, in its own words where it has some."""
        match answer.status:
            case 401:
                return GaveUp(f"PagerDuty does not know the key in the secret {self._token}; {_MIND}")
            case 403:
                return GaveUp(f"PagerDuty does not let the key in the secret {self._token} see this; {_MIND}")
            case 404:
                return GaveUp(f"PagerDuty has no schedule {self._schedule}; its id is at the end of its page's address")
            case status if status == _TOO_MANY:
                return Retry("PagerDuty wants to be left in peace", after=_after(answer.headers))
            case status if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                return Retry(f"PagerDuty answers {status}")
            case status:
                said = (await answer.text(errors="replace"))[:_MOST_SHOWN]
                return GaveUp(f"PagerDuty refuses it ({status}): {' '.join(said.split())}")


def _after(headers: Mapping[str, str]) -> timedelta:
    """Return how long to wait: PagerDuty says it in `ratelimit-reset`, proxies in `retry-after`."""
    said = headers.get("ratelimit-reset") or headers.get("retry-after") or "60"
    return timedelta(seconds=min(int(said), 3600) if said.isdecimal() else 60)


def _part(answer: Json, *names: str) -> Sequence[Json]:
    here: Any = answer
    for name in names:
        here = here.get(name) if isinstance(here, dict) else None
    if not isinstance(here, list):
        raise GaveUp(f"PagerDuty answers a schedule without {'.'.join(names)}")
    return here


def _told(entry: Json, emails: Mapping[str, str]) -> Told:
    user = entry["user"]
    start, end = (datetime.fromisoformat(str(entry[edge])).astimezone(UTC) for edge in ("start", "end"))
    named = str(user.get("summary") or user.get("name") or user["id"])
    email = emails.get(str(user["id"])) or user.get("email")
    return Told(start, end, (str(email), named) if email else (named,))


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
