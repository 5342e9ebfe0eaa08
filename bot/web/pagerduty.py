"""`POST /webhooks/pagerduty/<pager>`: what people do in PagerDuty (its webhooks, version 3) is done here too.

See https://developer.pagerduty.com/docs/webhooks-overview. Every delivery is signed over its bytes; the same told again
is told once. Only what a person did there is heard: what we told PagerDuty ourselves comes back as well, and would go
round in a circle. PagerDuty tells again what is answered 5xx.
"""

import hashlib
import hmac
from datetime import datetime
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.domain.errors import GaveUp, Refused, Retry
from bot.ledger.ledger import AWAY
from bot.usecases import paged
from bot.usecases.paged import Deed, Done
from bot.world import World

PATH: Final = "/webhooks/pagerduty/{pager}"
LARGEST: Final = 1024 * 1024  # bytes
_MALFORMED, _FORGED, _TOO_LARGE, _LATER = 400, 401, 413, 503
DEEDS = {"incident.acknowledged": Deed.ACKNOWLEDGED, "incident.unacknowledged": Deed.UNACKNOWLEDGED}

log = structlog.get_logger(__name__)


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Agent(_Model):
    id: str = ""
    type: str = ""
    summary: str = ""


class _Data(_Model):
    incident_key: str | None = None


class _Event(_Model):
    id: str = Field(min_length=1)
    event_type: str
    occurred_at: datetime
    agent: _Agent | None = None
    data: _Data = Field(default_factory=_Data)


class _Payload(_Model):
    event: _Event


def route(world: World) -> Route:
    """Return the way in for PagerDuty."""

    async def answer(request: Request) -> Response:
        name = str(request.path_params["pager"])
        body = await _read(request)
        if body is None:
            return _no(_TOO_LARGE, "That is larger than anything PagerDuty sends.")
        try:
            secret = _secret(world, name)
        except GaveUp as error:
            log.warning("PagerDuty's webhook cannot be taken", pager=name, reason=error.reason)
            return _no(_LATER, "This way is not set up yet.")
        if secret is None or not _signed(body, secret, request.headers.get("x-pagerduty-signature", "")):
            return _no(_FORGED, "Sign it with the secret of the webhook (X-PagerDuty-Signature).")
        try:
            event = _Payload.model_validate_json(body).event
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the body"
            return _no(_MALFORMED, f"{where}: {first['msg']}")
        return await _heard(world, name, event)

    return Route(PATH, answer, methods=["POST"])


async def _heard(world: World, name: str, event: _Event) -> Response:
    deed = DEEDS.get(event.event_type)
    agent, key = event.agent, event.data.incident_key
    if deed is None or key is None or agent is None or not agent.type.startswith("user"):
        return JSONResponse({"ok": True, "heard": False})
    done = Done(event.id, deed, key, agent.id, agent.summary, event.occurred_at)
    try:
        heard = await paged.hear(world, name, done)
    except Refused as no:
        log.info("what was done in PagerDuty changes nothing", pager=name, reason=str(no))
        heard = False
    except (Retry, *AWAY, TimeoutError) as error:
        log.warning("what was done in PagerDuty could not be written down", pager=name, reason=type(error).__name__)
        return _no(_LATER, "It could not be written down now; tell it again.")
    return JSONResponse({"ok": True, "heard": heard})


def _no(status: int, sentence: str) -> Response:
    return JSONResponse({"ok": False, "error": sentence}, status)


async def _read(request: Request) -> bytes | None:
    pieces, size = [], 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > LARGEST:
                return None
            pieces.append(piece)
    except ClientDisconnect:
        return b""
    return b"".join(pieces)


def _secret(world: World, name: str) -> bytes | None:
    """Return the secret of a pager's webhook; None where there is no such pager, or it hears nothing."""
    said = world.catalog.alerts.escalation if world.catalog.alerts else None
    section = said.pagers.get(name) if said else None
    named = getattr(section.config, "webhook", None) if section else None
    return world.secrets.read(named).encode() if isinstance(named, str) else None


def _signed(body: bytes, secret: bytes, header: str) -> bool:
    """Whether one of the signatures is ours; while its secret changes, PagerDuty signs with both."""
    mine = f"v1={hmac.new(secret, body, hashlib.sha256).hexdigest()}".encode()
    shown = [one.strip().encode() for one in header.split(",")]
    return any(hmac.compare_digest(mine, one) for one in shown)
