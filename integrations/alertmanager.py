"""Alertmanager's API, version 2, as releases from 0.25 on speak it: what fires, and silences.

It asks once and follows no redirect. Of several peers each is asked what it knows, and what one of them says that
fires, fires; a silence is made at the first that can be reached, and gossip brings it to the others. A request that
changes something and gets no answer is `Unclear`: it may have been done.

What differs between releases is read either way. An unknown silence is 404, or 500 with words before 0.28. What newer
silences have besides (annotations) is kept when one is changed, alerts that a time interval mutes say so, and Grafana's
own Alertmanager answers 202.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import aiohttp

from bot.domain.errors import GaveUp, Retry
from bot.domain.silence import Firing, Held, Matcher, Sight
from bot.plugins import Surroundings
from bot.ports import Unclear
from integrations._credentials import SHUT, Credentials
from integrations._credentials import body as read
from integrations._session import WithSession

_PATIENCE = aiohttp.ClientTimeout(total=10, connect=5)
_SKEW = timedelta(minutes=5)  # Alertmanager takes now for any past, so its clock may be behind ours
_MOST_READ = 64 * 1024 * 1024  # bytes of an answer: ten thousand alerts with long labels
_MOST_SHOWN = 200  # characters of an answer's own words
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)  # it was never asked


class Alertmanager(WithSession):
    """Implements `bot.ports.Silences`. Use it with ``async with``. `token` and `password` are names of secrets."""

    def __init__(
        self,
        urls: Sequence[str],
        surroundings: Surroundings,
        *,
        token: str | None = None,
        user: str | None = None,
        password: str | None = None,
    ) -> None:
        self._urls = [one.rstrip("/") for one in urls]
        self._clock, self._mask = surroundings.clock, surroundings.mask
        self._credentials = Credentials(surroundings.secrets, token, user, password)

    def _opened(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(timeout=_PATIENCE, headers={"User-Agent": "slipway"})

    async def look(self) -> Sight:
        """See `bot.ports.Silences`. What a peer does not answer is left out, and then the sight is not whole."""
        seen = await asyncio.gather(*map(self._look, self._urls), return_exceptions=True)
        sights = [one for one in seen if isinstance(one, Sight)]
        for failed in seen:
            if isinstance(failed, BaseException) and (not sights or not isinstance(failed, Retry | GaveUp)):
                raise failed
        alerts: dict[str, Firing] = {}
        for one in (alert for sight in sights for alert in sight.alerts):
            if one.fingerprint not in alerts or not one.told:  # a silence may not have come to all of them yet
                alerts[one.fingerprint] = one
        begun = [sight.since for sight in sights if sight.since is not None]
        return Sight(
            list(alerts.values()),
            list(_newest(held for sight in sights for held in sight.silences)),
            max(begun, default=None),
            whole=len(sights) == len(self._urls),
        )

    async def make(
        self, matchers: Sequence[Matcher], *, ends_at: datetime, by: str, comment: str, instead: str | None = None
    ) -> str:
        """See `bot.ports.Silences`."""
        wish: dict[str, object] = {
            "matchers": [_written(one) for one in matchers],
            "startsAt": _moment(self._clock.now() - _SKEW),
            "endsAt": _moment(ends_at),
            "createdBy": by,
            "comment": comment,
        }
        if instead is not None:
            held = await self._first("GET", f"silence/{instead}")
            if isinstance(held, dict):
                wish = {k: v for k, v in held.items() if k not in {"status", "updatedAt"}} | {"endsAt": wish["endsAt"]}
        made = await self._first("POST", "silences", wish)
        if not isinstance(made, dict) or not (made.get("silenceID") or made.get("id")):
            raise Unclear("Alertmanager took the silence and did not say under which id")
        return str(made.get("silenceID") or made["id"])

    async def end(self, silence_id: str) -> None:
        """See `bot.ports.Silences`."""
        await self._first("DELETE", f"silence/{silence_id}")

    async def _look(self, url: str) -> Sight:
        alerts, silences, status = await asyncio.gather(
            self._ask(url, "GET", "alerts"), self._ask(url, "GET", "silences"), self._ask(url, "GET", "status")
        )
        try:
            begun = (status or {}).get("uptime")
            since = _read(begun) if begun else None
            return Sight([_alert(one) for one in alerts], [_held(one) for one in silences], since)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise GaveUp(f"{url} does not answer as Alertmanager does ({type(error).__name__})") from error

    async def _first(self, method: str, what: str, body: object = None) -> Any:  # noqa: ANN401 - it is JSON
        """Ask the first peer that can be reached."""
        for url in self._urls[:-1]:
            try:
                return await self._ask(url, method, what, body)
            except Retry:
                continue
        return await self._ask(self._urls[-1], method, what, body)

    async def _ask(self, url: str, method: str, what: str, body: object = None) -> Any:  # noqa: ANN401 - it is JSON
        if self._session is None:
            raise RuntimeError("Alertmanager is used with “async with”")
        unclear = Unclear if method == "POST" else Retry  # what is ended twice has ended
        try:
            async with self._session.request(
                method, f"{url}/api/v2/{what}", json=body, headers=self._credentials.headers(), allow_redirects=False
            ) as answer:
                text = await read(answer.content, most=_MOST_READ, whose="Alertmanager's", instead="it knows too much")
                if what.startswith("silence/") and _unknown(answer.status, text):
                    return None
                if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
                    return _json(text)
                raise self._refusal(url, answer.status, text, unclear)
        except aiohttp.InvalidURL as error:
            raise GaveUp(f"“{url}” is not an address that can be asked") from error
        except _NOT_SENT as error:
            raise Retry(f"Alertmanager at {url} cannot be reached: {error}") from error
        except ValueError as error:
            raise GaveUp(f"what answers at {url} is not Alertmanager") from error
        except (aiohttp.ClientError, OSError) as error:
            raise unclear(f"Alertmanager at {url} gave no answer ({type(error).__name__})") from error

    def _refusal(self, url: str, status: int, body: bytes, unclear: type[Unclear | Retry]) -> Exception:
        """Return what a refusal means, in Alertmanager's words."""
        if status in SHUT:
            return self._credentials.shut_out(f"Alertmanager at {url}", status)
        words = self._mask.line(_words(body), _MOST_SHOWN) or f"HTTP {status}"
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return Retry(f"Alertmanager: {words}")
        return (unclear if status >= HTTPStatus.INTERNAL_SERVER_ERROR else GaveUp)(f"Alertmanager: {words}")


def _unknown(status: int, body: bytes) -> bool:
    """Whether an answer says that there is no such silence."""
    return status == HTTPStatus.NOT_FOUND or (status == HTTPStatus.INTERNAL_SERVER_ERROR and b"not found" in body)


def _json(body: bytes) -> Any:  # noqa: ANN401 - it is JSON
    return json.loads(body) if body.strip() else None


def _words(body: bytes) -> str:
    """Return what an answer says: a JSON string, or an object with a message, or whatever it is."""
    try:
        said = _json(body)
    except ValueError:
        return body.decode(errors="replace")
    return str(said.get("message") or said) if isinstance(said, dict) else str(said or "")


def _newest(held: Iterable[Held]) -> Iterable[Held]:
    """Return each silence once: of what the peers know, what lasts longest; one that was ended anywhere has ended."""
    found: dict[str, Held] = {}
    for one in held:
        known = found.get(one.id)
        if known is None or (known.active and (not one.active or one.ends_at > known.ends_at)):
            found[one.id] = one
    return found.values()


def _written(matcher: Matcher) -> dict[str, object]:
    return {"name": matcher.name, "value": matcher.value, "isRegex": matcher.regex, "isEqual": matcher.equal}


def _matcher(one: Mapping[str, Any]) -> Matcher:
    return Matcher(str(one["name"]), str(one["value"]), bool(one.get("isRegex")), bool(one.get("isEqual", True)))


def _held(one: Mapping[str, Any]) -> Held:
    return Held(
        id=str(one["id"]),
        matchers=[_matcher(each) for each in one["matchers"]],
        ends_at=_read(one["endsAt"]),
        by=str(one.get("createdBy") or ""),
        comment=str(one.get("comment") or ""),
        active=one["status"]["state"] != "expired",
        begun=one["status"]["state"] != "pending",
    )


def _alert(one: Mapping[str, Any]) -> Firing:
    status = one.get("status") or {}
    return Firing(
        fingerprint=str(one["fingerprint"]),
        labels={str(name): str(value) for name, value in one["labels"].items()},
        starts_at=_read(one["startsAt"]),
        silenced_by=[str(each) for each in status.get("silencedBy") or ()],
        inhibited=bool(status.get("inhibitedBy") or status.get("mutedBy")),
    )


def _read(moment: str) -> datetime:
    at = datetime.fromisoformat(moment)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
