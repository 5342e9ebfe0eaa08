"""The load generator, a process of its own: signed slash commands, or a monitor's words, over kept connections.

It speaks HTTP/1.1 by hand, because a client library's own time would be added to both sides of every ratio. A line of
JSON on standard input says what to send, a line on standard output when each was sent (seconds on the monotonic clock)
and how long its answer took (milliseconds). With a `path` it is Alertmanager that speaks, each time of another group,
`every` is how many seconds each connection rests between two, and a `*` in the path is one of so many `routes`:

    {"port": 8101, "secret": "…", "command": "/deploy", "text": "staging", "count": 200, "in_flight": 1, "user": "U…"}
    {"port": 8101, "secret": "…", "path": "/webhooks/alertmanager/platform", "count": 1000, "in_flight": 16}
    [[5133.25, 2.1], …]
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import uvloop

_deeds, _turns = itertools.count(1), itertools.count()
_run = f"{time.time_ns():x}"
OK = b"HTTP/1.1 200"


def bodies(order: dict[str, Any]) -> Iterator[bytes]:
    """Yield the bodies of slash commands, or the presses of a button, each another deed."""
    while True:
        deed = f"{next(_deeds)}.{_run}"
        fields = {
            "token": "x" * 24,
            "team_id": "T0HEALTHB1",
            "team_domain": "healthbridge",
            "channel_id": "C0DEPLOYM2",
            "channel_name": "deployments",
            "user_id": order.get("user"),
            "user_name": "somebody",
            "command": order.get("command"),
            "text": order.get("text"),
            "api_app_id": "A0SLIPWAY1",
            "is_enterprise_install": "false",
            "response_url": f"http://127.0.0.1:1/commands/T0HEALTHB1/{deed}",
            "trigger_id": deed,
        }
        pressed = order.get("payload")
        yield urlencode({"payload": json.dumps({**pressed, "trigger_id": deed})} if pressed else fields).encode()


def signed(body: bytes, order: dict[str, Any]) -> bytes:
    """Return a whole request, as bytes."""
    timestamp = str(int(time.time()))
    mac = hmac.new(order["secret"].encode(), b"v0:%s:%s" % (timestamp.encode(), body), hashlib.sha256).hexdigest()
    head = (
        "POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
        "Accept: application/json,*/*\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {timestamp}\r\nX-Slack-Signature: v0={mac}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def told(order: dict[str, Any]) -> bytes:
    """Return a whole request of Alertmanager's about a group of its own, as bytes."""
    name = f"{next(_deeds)}.{_run}"
    alert = {
        "status": "firing",
        "labels": {"alertname": "BackendDown", "severity": "high", "service": "backend", "instance": name},
        "annotations": {"summary": f"{name} does not answer", "runbook_url": "https://runbooks.example/backend-down"},
        "startsAt": datetime.fromtimestamp(time.time(), UTC).isoformat(),
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example/graph?g0.expr=up",
        "fingerprint": hashlib.sha256(name.encode()).hexdigest()[:16],
    }
    payload = {
        "version": "4",
        "groupKey": f'{{}}:{{instance="{name}"}}',
        "status": "firing",
        "receiver": "slipway",
        "truncatedAlerts": 0,
        "groupLabels": {"instance": name},
        "commonLabels": alert["labels"],
        "commonAnnotations": alert["annotations"],
        "externalURL": "http://alertmanager.example",
        "alerts": [alert],
    }
    body = json.dumps(payload).encode()
    path = order["path"].replace("*", str(next(_turns) % order.get("routes", 1)))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Alertmanager/0.34.0\r\n"
        f"Authorization: Bearer {order['secret']}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def sent(requests: Iterator[bytes], order: dict[str, Any], took: list[tuple[float, float]]) -> None:
    """Send requests one after the other over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", order["port"])
    for request in requests:
        began = time.monotonic()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        said = await reader.readexactly(_length(head))
        took.append((began, (time.monotonic() - began) * 1000))
        if not head.startswith(OK):
            raise RuntimeError(f"{head.decode()}{said.decode(errors='replace')}")
        await asyncio.sleep(order.get("every", 0))
    writer.close()
    await writer.wait_closed()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def round_of(order: dict[str, Any]) -> list[tuple[float, float]]:
    """Do what a line asks for."""
    speaks = told if "path" in order else None
    bodied = (signed(body, order) for body in bodies(order))
    requests = iter([speaks(order) if speaks else next(bodied) for _ in range(order["count"])])
    took: list[tuple[float, float]] = []
    await asyncio.gather(*(sent(requests, order, took) for _ in range(order["in_flight"])))
    return took


def main() -> None:
    """Do what standard input asks for, line by line."""
    for line in sys.stdin:
        took = uvloop.run(round_of(json.loads(line)))
        sys.stdout.write(json.dumps(took) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
