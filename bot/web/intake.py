"""How monitors are let in and answered, whatever they write: `take` is the way from a request to the ledger.

What comes is answered 2xx only after it is in the ledger. Alertmanager tells again what was answered 5xx, and gives up
what was answered 4xx: so whatever is our trouble (overload, a ledger that is away) is 503, never 429, and 4xx is for
what is wrong with what it sent. Whoever shows no secret of the route is told nothing but that: not even whether there
is such a route. Who shows the secret of another route is a monitor of ours with a wrong address: its alerts are taken
and go to where alerts go that nobody owns, because the other choice is that they reach nobody.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import structlog
from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.body import TooLarge
from bot.body import read as read_body
from bot.domain.alert import Told
from bot.domain.canonical import sha256
from bot.domain.errors import GaveUp, Retry
from bot.ledger.ledger import AWAY, Stale
from bot.usecases import alerting
from bot.world import World

LARGEST: Final = 128 * 1024 * 1024  # bytes: ten thousand alerts with labels of ten kilobytes
LARGE: Final = 256 * 1024  # bytes; what is larger is read beside everything else, which does not wait for it
AT_ONCE: Final = 8  # deliveries that are taken at one time; others wait, unread, for their turn
WAITING: Final = 100  # so many of them; more are told to come again
WITHIN: Final = 20.0  # seconds; Alertmanager itself waits as long as its group_interval
LONGEST_KEY: Final = 500  # characters of what the database finds rows by; what is longer keeps its beginning and a hash
LONGEST_ROUTE: Final = 100
MOST_MISSING: Final = 10**9
OLDEST, NEWEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)  # between them all can be reckoned
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
MALFORMED, _FORGED, _TOO_LARGE, _LATER = 400, 401, 413, 503

log = structlog.get_logger(__name__)

Parse = Callable[[str, bytes], Iterable[Told]]  # a route's name and what came, to what it tells


class Refusal(Exception):  # noqa: N818 - it is an answer
    """What is answered instead of taking something: a status, and a sentence that repeats nothing of what was sent."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.answer = _refusal(status, sentence)


def wrong(error: ValidationError) -> Refusal:
    """Return what is wrong with what came, named by its field."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part)[:LONGEST_ROUTE] for part in first["loc"][:10]) or "the body"
    return Refusal(MALFORMED, f"{where}: {first['msg']}")


def _refusal(status: int, sentence: str) -> Response:
    headers = {"WWW-Authenticate": 'Bearer realm="slipway"'} if status == _FORGED else None
    return JSONResponse({"ok": False, "error": sentence}, status, headers)


class _Gate:
    """Lets a few in at one time and as many wait as is bearable; what waits holds no memory but its connection's."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._here = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Give a turn; a `Refusal` where too many wait already."""
        if self._here >= AT_ONCE + WAITING:
            raise Refusal(_LATER, "Too much is told at once; tell it again.")
        self._here += 1
        try:
            async with self._free:
                yield
        finally:
            self._here -= 1


def route(world: World, path: str, parse: Parse) -> Route:
    """Return a way in for monitors; `parse` says what they tell, or raises a `Refusal`."""
    gate = _Gate()

    async def answer(request: Request) -> Response:
        try:
            name = str(request.path_params["route"])
            _authorise(world, name, request.headers.get("authorization", ""))
            async with gate.turn():
                return await _take(world, name, request, parse)
        except Refusal as no:
            return no.answer

    return Route(path, answer, methods=["POST"])


def _authorise(world: World, name: str, shown: str) -> None:
    """Refuse who shows neither the route's secret nor, where there is no such route, that of another."""
    routes = world.catalog.alerts.routes if world.catalog.alerts else {}
    given = _shown(shown)
    if name in routes:
        try:
            secrets = [world.secrets.read(routes[name].secret)]
        except GaveUp as error:
            log.warning("alerts cannot be taken", route=name, reason=error.reason)
            raise Refusal(_LATER, "This way is not set up yet.") from error
    else:
        secrets = list(_known(world))
    if not any(hmac.compare_digest(given, secret.encode()) for secret in secrets):
        raise Refusal(_FORGED, "Show the secret of the route as a bearer token, or as user and password.")
    if name not in routes:
        log.warning("alerts come by a route that is not in the catalog", route=world.mask(name)[:LONGEST_ROUTE])


def _known(world: World) -> Iterable[str]:
    for one in world.catalog.alerts.routes.values() if world.catalog.alerts else ():
        try:
            yield world.secrets.read(one.secret)
        except GaveUp:
            continue


def _shown(header: str) -> bytes:
    """Return the secret in an Authorization header; nothing where there is none."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip().encode()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True)
        except (binascii.Error, ValueError):
            return b""
    return b""


async def _take(world: World, name: str, request: Request, parse: Parse) -> Response:
    body = await _read(request)
    route_name, digest = _key(world.mask(name), LONGEST_ROUTE), hashlib.sha256(body).hexdigest()
    told = await asyncio.to_thread(_parsed, parse, name, body) if len(body) > LARGE else _parsed(parse, name, body)
    try:
        async with asyncio.timeout(WITHIN):
            numbers = [await _write(world, route_name, one, digest) for one in told]
    except (Retry, Stale, *AWAY, TimeoutError) as error:
        log.warning("alerts could not be written down", route=route_name, reason=type(error).__name__)
        raise Refusal(_LATER, "It could not be written down now; tell it again.") from error
    found = [number for number in numbers if number is not None]
    more = {"groups": found} if len(numbers) > 1 else {}
    return JSONResponse({"ok": True, "group": found[0] if found else None, **more})


def _parsed(parse: Parse, name: str, body: bytes) -> list[Told]:
    return [_storable(one) for one in parse(name, body)]


async def _write(world: World, name: str, told: Told, digest: str) -> int | None:
    """Write it down; once more where somebody else wrote to the same group at that moment."""
    try:
        return await alerting.take(world, name, told, digest=digest)
    except Stale:
        return await alerting.take(world, name, told, digest=digest)


async def _read(request: Request) -> bytes:
    try:
        body = await read_body(request, most=LARGEST)
        body.decode()
    except TooLarge as error:
        raise Refusal(_TOO_LARGE, f"More than {LARGEST // 1024**2} MB; have fewer alerts sent at once.") from error
    except ClientDisconnect as error:
        raise Refusal(MALFORMED, "The request is not complete.") from error
    except UnicodeDecodeError as error:
        raise Refusal(MALFORMED, "The body is not UTF-8.") from error
    return body


def _storable(told: Told) -> Told:
    """Return what was told as the database can hold it: its keys short enough to be found by, its times of this world.

    Values lose what no text of a database holds when they are masked; of names, which are not secret, it is done here.
    """
    alerts = [
        replace(
            one,
            fingerprint=_key(one.fingerprint, LONGEST_ROUTE),
            labels=_named(one.labels),
            annotations=_named(one.annotations),
            starts_at=_within(one.starts_at),
            ends_at=None if one.ends_at is None else _within(one.ends_at),
        )
        for one in told.alerts
    ]
    missing = min(told.missing, MOST_MISSING)
    return replace(told, key=_key(told.key, LONGEST_KEY), alerts=alerts, labels=_named(told.labels), missing=missing)


def _named(words: Mapping[str, str]) -> dict[str, str]:
    return {_plain(name): value for name, value in words.items()}


def _key(text: str, most: int) -> str:
    """Return a name as an index of the database can hold it."""
    plain = _plain(text)
    return plain if len(plain.encode()) <= most else f"{plain[: most // 4]}…{sha256(plain)}"


def _plain(text: str) -> str:
    return text if text.isascii() and "\0" not in text else _UNSTORABLE.sub("\ufffd", text)


def _within(at: datetime) -> datetime:
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(aware, OLDEST), NEWEST)


def fingerprint(labels: Iterable[tuple[str, str]]) -> str:
    """Return what an alert is known by that has no fingerprint: its labels."""
    return sha256("\0".join(f"{name}\0{value}" for name, value in sorted(labels)))[:16]
