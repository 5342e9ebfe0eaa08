"""PagerDuty at the wire: takes Events v2 as PagerDuty does, keeps incidents by their key, and has bad days."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

KEY = "R015X4PZK8T6N2QWVB3M7C9YHJ5D1FGA"[:32]
ACTIONS = {"trigger": "triggered", "acknowledge": "acknowledged", "resolve": "resolved"}
LARGEST = 512 * 1024


@dataclass
class PagerDutyWire:
    """What it holds, and what is wrong with it today."""

    url: str = ""
    incidents: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, object]] = field(default_factory=list)
    status: int = 0  # answers with this instead, having done nothing
    headers: dict[str, str] = field(default_factory=dict)
    loses_answers: bool = False  # does what it is asked, and hangs up
    slow: asyncio.Event | None = None  # answers when it is set
    came: asyncio.Event = field(default_factory=asyncio.Event)  # set when an event has come

    async def enqueue(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if self.status:
            return web.json_response(
                {"status": "error", "message": "Try later"}, status=self.status, headers=self.headers
            )
        wrong = invalid(body)
        if wrong:
            said = {"status": "invalid event", "message": "Event object is invalid", "errors": wrong}
            return web.json_response(said, status=400)
        event = json.loads(body)
        self.events.append(event)
        self.came.set()
        self._apply(event)
        if self.slow is not None:
            await self.slow.wait()
        if self.loses_answers:
            assert request.transport is not None
            request.transport.abort()
            raise ConnectionResetError
        said = {"status": "success", "message": "Event processed", "dedup_key": event["dedup_key"]}
        return web.json_response(said, status=202)

    def _apply(self, event: dict[str, object]) -> None:
        key, action = str(event["dedup_key"]), str(event["event_action"])
        if action == "trigger":
            if self.incidents.get(key) in (None, "resolved"):
                self.incidents[key] = "triggered"
        elif self.incidents.get(key) not in (None, "resolved"):
            self.incidents[key] = ACTIONS[action]


def invalid(body: bytes) -> list[str]:
    """What PagerDuty would say is wrong with an event; nothing where it is right."""
    if len(body) > LARGEST:
        return ["the event is larger than 512 KB"]
    event = json.loads(body)
    wrong = [] if event.get("routing_key") == KEY else ["'routing_key' is invalid (not a 32-character key of ours)"]
    if event.get("event_action") not in ACTIONS:
        wrong.append("'event_action' must be one of trigger, acknowledge, resolve")
    if len(str(event.get("dedup_key", ""))) > 255 or not event.get("dedup_key"):
        wrong.append("'dedup_key' must have 1 to 255 characters")
    return wrong + (_wrong_payload(event) if event.get("event_action") == "trigger" else [])


def _wrong_payload(event: dict[str, object]) -> list[str]:
    payload = event.get("payload")
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    wrong = [
        f"'payload.{name}' is missing or blank" for name in ("summary", "source", "severity") if not payload.get(name)
    ]
    if len(str(payload.get("summary", ""))) > 1024:
        wrong.append("'payload.summary' is too long (maximum is 1024 characters)")
    if payload.get("severity") not in {"critical", "error", "warning", "info"}:
        wrong.append("'payload.severity' must be one of critical, error, warning, info")
    if "timestamp" in payload:
        datetime.fromisoformat(str(payload["timestamp"]))
    return wrong


@asynccontextmanager
async def pagerduty() -> AsyncIterator[PagerDutyWire]:
    """Run it on a free port."""
    wire = PagerDutyWire()
    app = web.Application(client_max_size=2 * LARGEST)
    app.router.add_post("/v2/enqueue", wire.enqueue)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    wire.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield wire
    finally:
        await runner.cleanup()


def webhook(
    key: str, *, kind: str = "incident.acknowledged", at: str, event: str = "01CH", agent: object = None
) -> bytes:
    """What PagerDuty's webhooks v3 send when somebody does something to an incident."""
    person = {"id": "PLAYLA", "type": "user_reference", "summary": "Layla Haddad", "self": "…", "html_url": "…"}
    data = {
        "id": "Q1",
        "type": "incident",
        "status": kind.rpartition(".")[2],
        "incident_key": key,
        "title": "BackendDown",
    }
    said = {"id": event, "event_type": kind, "resource_type": "incident", "occurred_at": at, "data": data}
    return json.dumps({"event": said | {"agent": agent or person}}).encode()


def signature(secret: str, body: bytes) -> str:
    """How PagerDuty signs what it sends."""
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
