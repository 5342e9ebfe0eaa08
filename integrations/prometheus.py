"""What Prometheus knows, by its HTTP API: a query at a moment, or over a time; what is wrong, in its own words.

It asks once and follows no redirect. A query that Prometheus refuses is wrong for good; an answer that does not come,
or comes as 5xx or 429, may come later.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import aiohttp

from bot.domain.errors import GaveUp, Retry
from bot.domain.masking import Mask
from bot.domain.observation import Series
from bot.ports import Secrets
from integrations._credentials import SHUT, Credentials, body
from integrations._session import WithSession

_PATIENCE = aiohttp.ClientTimeout(total=10)
_MOST_READ = 8 * 1024 * 1024  # bytes of an answer
_MOST_SHOWN = 200  # characters of an answer that is not Prometheus'
_REFUSED = {"bad_data", "execution"}  # the kinds of error that another try does not mend


class Prometheus(WithSession):
    """Implements `bot.ports.Metrics`. Use it with ``async with``. `token` and `password` are names of secrets."""

    def __init__(
        self,
        url: str,
        secrets: Secrets,
        mask: Mask | None = None,
        *,
        token: str | None = None,
        user: str | None = None,
        password: str | None = None,
    ) -> None:
        self._url, self._mask = url.rstrip("/"), mask or Mask()
        self._credentials = Credentials(secrets, token, user, password)

    def _opened(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(timeout=_PATIENCE, headers={"User-Agent": "slipway"})

    async def instant(self, query: str, *, at: datetime | None = None) -> Sequence[Series]:
        """See `bot.ports.Metrics`."""
        return _series(await self._ask("query", {"query": query} | ({"time": _moment(at)} if at else {})))

    async def range(self, query: str, *, start: datetime, end: datetime, step: timedelta) -> Sequence[Series]:
        """See `bot.ports.Metrics`."""
        over = {"start": _moment(start), "end": _moment(end), "step": f"{step.total_seconds():g}"}
        return _series(await self._ask("query_range", {"query": query} | over))

    async def _ask(self, what: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        if self._session is None:
            raise RuntimeError("Prometheus is used with “async with”")
        address = f"{self._url}/api/v1/{what}"
        try:
            async with self._session.post(
                address, data=dict(form), headers=self._credentials.headers(), allow_redirects=False
            ) as answer:
                return self._read(
                    answer.status,
                    await body(answer.content, most=_MOST_READ, whose="Prometheus'", instead="ask for fewer series"),
                )
        except TimeoutError as error:
            raise Retry(f"Prometheus at {self._url} gave no answer in {_PATIENCE.total:g}s") from error
        except aiohttp.InvalidURL as error:
            raise GaveUp(f"“{self._url}” is not an address that can be asked") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Retry(f"Prometheus at {self._url} cannot be reached: {error}") from error

    def _read(self, status: int, text: bytes) -> Mapping[str, Any]:
        """Return what was asked for; else raise in Prometheus' words, or say what answered instead of it."""
        try:
            told = json.loads(text)
        except ValueError:
            told = None
        if not isinstance(told, dict) or "status" not in told:
            raise self._strange(status, text)
        if told["status"] == "success" and isinstance(told.get("data"), dict):
            return dict(told["data"])
        words = f"Prometheus: {told.get('error') or told.get('errorType') or f'HTTP {status}'}"
        raise GaveUp(words) if told.get("errorType") in _REFUSED else Retry(words)

    def _strange(self, status: int, text: bytes) -> GaveUp | Retry:
        """Say what answered that is not Prometheus, or does not know us."""
        if status in SHUT:
            return self._credentials.shut_out(f"Prometheus at {self._url}", status)
        shown = self._mask.line(text.decode(errors="replace"), _MOST_SHOWN)
        words = f"{self._url} answered HTTP {status}, and not as Prometheus does: {shown or 'nothing'}"
        later = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS
        return Retry(words) if later else GaveUp(words)


def _moment(at: datetime) -> str:
    return f"{at.timestamp():.3f}"


def _series(data: Mapping[str, Any]) -> list[Series]:
    """Read a vector, a matrix or a scalar; a native histogram is no number, so it gives no point."""
    match data:
        case {"resultType": "scalar", "result": [at, value]}:
            return [Series({}, [_point(at, value)])]
        case {"resultType": "vector", "result": list(found)}:
            return [Series(one["metric"], [_point(*one["value"])] if "value" in one else []) for one in found]
        case {"resultType": "matrix", "result": list(found)}:
            return [Series(one["metric"], [_point(*point) for point in one.get("values", [])]) for one in found]
        case _:
            raise GaveUp(f"Prometheus: the query gives a {data.get('resultType')}, and not numbers")


def _point(at: float, value: str) -> tuple[datetime, float]:
    return datetime.fromtimestamp(at, UTC), float(value)
