"""Alertmanager, as far as Slipway sees it: it tells, and looks at the cards that come of it."""

import json
from datetime import timedelta

from starlette.requests import Request
from starlette.routing import Route

from bot.domain.alertgroup import Group
from bot.ledger import alertgroups, cards
from bot.painter.pictures.alertgroup import PICTURE
from bot.sandbox.validation import check_blocks
from bot.views.kit import Message
from tests.fakes.healthbridge import HealthBridge

TOKEN = "lantern-mango-7791"
MINUTE = timedelta(minutes=1)
ALERTS = """alerts:
  routes:
    platform: { secret: ALERTS_TOKEN }
    quiet: { secret: NOT_SET, channel: general }
  acknowledge: { by: [production-team], for: 1h }
  call: [production-team]

channels:"""

Json = dict[str, object]


class Monitor:
    """Alertmanager, as far as Slipway sees it."""

    def __init__(self, house: HealthBridge, way: Route) -> None:
        self.house, self.way = house, way

    def alert(self, name: str = "BackendDown", *, began: int = 0, ended: int | None = None, **labels: str) -> Json:
        """An alert that began, and perhaps ended, so many minutes from now."""
        now = self.house.clock.now()
        return {
            "status": "firing" if ended is None else "resolved",
            "labels": {"alertname": name, "severity": "high", "service": "backend", **labels},
            "annotations": {"summary": f"{name}: nobody answers", "runbook_url": "https://runbooks.example/down"},
            "startsAt": (now + began * MINUTE).isoformat(),
            "endsAt": "0001-01-01T00:00:00Z" if ended is None else (now + ended * MINUTE).isoformat(),
            "generatorURL": "http://prometheus.example/graph?g0.expr=up",
            "fingerprint": f"{name}-{labels.get('instance', '')}",
        }

    def payload(self, *alerts: Json) -> Json:
        return {
            "version": "4",
            "groupKey": '{}:{alertname="BackendDown"}',
            "status": "firing",
            "receiver": "slipway",
            "truncatedAlerts": 0,
            "commonLabels": {"service": "backend"},
            "externalURL": "http://alertmanager.example",
            "alerts": list(alerts),
        }

    async def tell(
        self, payload: object, *, route: str = "platform", auth: bytes = f"Bearer {TOKEN}".encode()
    ) -> tuple[int, Json]:
        """Send what Alertmanager would send; return the answer's status and what it says."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": body, "more_body": False}

        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "path_params": {"route": route}}
        said = await self.way.endpoint(Request({**scope, "headers": [(b"authorization", auth)]}, receive))
        return said.status_code, json.loads(bytes(said.body))

    async def told(self, *alerts: Json, missing: int = 0) -> int:
        """Tell of alerts; return the number of the group, which there has to be."""
        status, said = await self.tell(self.payload(*alerts) | {"truncatedAlerts": missing})
        assert status == 200, said
        assert isinstance(said["group"], int)
        return said["group"]

    async def group(self, number: int) -> Group:
        found = await alertgroups.get(self.house.world.ledger.reading, number)
        assert found is not None
        return found

    async def roles(self, number: int) -> list[str]:
        """The messages about a group: its card, and the calls in its thread."""
        query = "SELECT role FROM cards WHERE subject = %(subject)s ORDER BY id"
        rows = await self.house.world.ledger.single.say(query, {"subject": f"alertgroup:{number}"})
        return [str(row["role"]) for row in rows]

    async def card(self, number: int, role: str = "live") -> Message:
        """A card as it would be painted now."""
        async with self.house.world.ledger.transaction() as tx:
            found = await cards.of(tx, f"alertgroup:{number}", role)
            assert found is not None
            draw = await PICTURE.read(self.house.world, tx, found)
        message = await draw()
        assert check_blocks(list(message.blocks), surface="message") == []
        return message
