"""`POST /webhooks/alertmanager/<route>`: what Prometheus Alertmanager tells (its webhook, version 4).

See https://prometheus.io/docs/alerting/latest/configuration/#webhook_config for the shape. What comes is answered 2xx
only after it is in the ledger. Alertmanager tells again what was answered 5xx, and gives up what was answered 4xx: so
whatever is our trouble (overload, a ledger that is away) is 503, never 429, and 4xx is for what is wrong with what it
sent. Whoever shows no secret of the route is told nothing but that: not even whether there is such a route.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final

import structlog
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.domain.alert import Alert, Told
from bot.domain.canonical import sha256
from bot.domain.errors import GaveUp, Retry
from bot.ledger.ledger import AWAY
from bot.usecases import alerting
from bot.world import World

PATH: Final = "/webhooks/alertmanager/{route}"
LARGEST: Final = 128 * 1024 * 1024  # bytes: ten thousand alerts with labels of ten kilobytes
AT_ONCE: Final = 8  # deliveries that are taken at one time; more are told to come again
WITHIN: Final = 20.0  # seconds; Alertmanager itself waits as long as its group_interval
_MALFORMED, _FORGED, _TOO_LARGE, _LATER = 400, 401, 413, 503
_NEVER = datetime(1, 1, 1, tzinfo=UTC)  # how Go writes a time that is none

log = structlog.get_logger(__name__)

Labels = dict[str, str]


def _without_null(value: object) -> object:
    return {} if value is None else value


class _Alert(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    status: str = Field(pattern="^(firing|resolved)$")
    labels: Annotated[Labels, BeforeValidator(_without_null)]
    annotations: Annotated[Labels, BeforeValidator(_without_null)] = Field(default_factory=dict)
    starts_at: datetime = Field(alias="startsAt")
    ends_at: datetime = Field(_NEVER, alias="endsAt")
    generator_url: str = Field("", alias="generatorURL")
    fingerprint: str = ""


class _Payload(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    group_key: str = Field(alias="groupKey", min_length=1)
    truncated_alerts: int = Field(0, alias="truncatedAlerts", ge=0)
    common_labels: Annotated[Labels, BeforeValidator(_without_null)] = Field(default_factory=dict, alias="commonLabels")
    external_url: str = Field("", alias="externalURL")
    alerts: list[_Alert]


def _refusal(status: int, sentence: str) -> Response:
    headers = {"WWW-Authenticate": 'Bearer realm="slipway"'} if status == _FORGED else None
    return JSONResponse({"ok": False, "error": sentence}, status, headers)


class _Refusal(Exception):  # noqa: N818 - it is an answer
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.answer = _refusal(status, sentence)


def route(world: World) -> Route:
    """Return the way in for Alertmanager."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def answer(request: Request) -> Response:
        try:
            name = str(request.path_params["route"])
            _authorise(world, name, request.headers.get("authorization", ""))
            if gate.locked():
                return _refusal(_LATER, "Too much is told at once; tell it again.")
            async with gate:
                return await _take(world, name, request)
        except _Refusal as no:
            return no.answer

    return Route(PATH, answer, methods=["POST"])


def _authorise(world: World, name: str, shown: str) -> None:
    """Refuse who does not show the route's secret; a route that is not there is refused in the same words."""
    routes = world.catalog.alerts.routes if world.catalog.alerts else {}
    try:
        secret = world.secrets.read(routes[name].secret) if name in routes else None
    except GaveUp as error:
        log.warning("alerts cannot be taken", route=name, reason=error.reason)
        raise _Refusal(_LATER, "This way is not set up yet.") from error
    if secret is None or not hmac.compare_digest(_shown(shown), secret.encode()):
        raise _Refusal(_FORGED, "Show the secret of the route as a bearer token, or as user and password.")


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


async def _take(world: World, name: str, request: Request) -> Response:
    body = await _read(request)
    told = _parsed(body)
    try:
        async with asyncio.timeout(WITHIN):
            number = await alerting.take(world, name, told, digest=hashlib.sha256(body).hexdigest())
    except (Retry, *AWAY, TimeoutError) as error:
        log.warning("alerts could not be written down", route=name, reason=type(error).__name__)
        raise _Refusal(_LATER, "It could not be written down now; tell it again.") from error
    return JSONResponse({"ok": True, "group": number})


async def _read(request: Request) -> bytes:
    pieces, size = [], 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > LARGEST:
                raise _Refusal(_TOO_LARGE, f"More than {LARGEST // 1024**2} MB; have Alertmanager send fewer at once.")
            pieces.append(piece)
    except ClientDisconnect as error:
        raise _Refusal(_MALFORMED, "The request is not complete.") from error
    body = b"".join(pieces)
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise _Refusal(_MALFORMED, "The body is not UTF-8.") from error
    return body


def _parsed(body: bytes) -> Told:
    """Return what was told; what is wrong is named by its field, without repeating what was sent."""
    try:
        payload = _Payload.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the body"
        raise _Refusal(_MALFORMED, f"{where}: {first['msg']}") from error
    return Told(
        key=payload.group_key,
        alerts=[_alert(one) for one in payload.alerts],
        labels=payload.common_labels,
        missing=payload.truncated_alerts,
        link=payload.external_url,
    )


def _alert(one: _Alert) -> Alert:
    ends_at = _aware(one.ends_at) if one.status == "resolved" else None
    fingerprint = one.fingerprint or _fingerprint(one.labels)
    return Alert(fingerprint, one.labels, _aware(one.starts_at), ends_at, one.annotations, one.generator_url)


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _fingerprint(labels: Mapping[str, str]) -> str:
    return sha256("\0".join(f"{name}\0{value}" for name, value in sorted(labels.items())))[:16]
