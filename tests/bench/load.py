"""The load generator, a process of its own: signed slash commands over kept connections, timed one by one.

It speaks HTTP/1.1 by hand, because a client library's own time would be added to both sides of every ratio. A line of
JSON on standard input says what to send, a line on standard output when each was sent (seconds on the monotonic clock)
and how long its answer took (milliseconds):

    {"port": 8101, "secret": "…", "command": "/deploy", "text": "staging", "count": 200, "in_flight": 1, "user": "U…"}
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
from typing import Any
from urllib.parse import urlencode

import uvloop

_deeds = itertools.count(1)
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


async def sent(requests: Iterator[bytes], port: int, took: list[tuple[float, float]]) -> None:
    """Send requests one after the other over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        began = time.monotonic()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        said = await reader.readexactly(_length(head))
        took.append((began, (time.monotonic() - began) * 1000))
        if not head.startswith(OK):
            raise RuntimeError(f"{head.decode()}{said.decode(errors='replace')}")
    writer.close()
    await writer.wait_closed()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def round_of(order: dict[str, Any]) -> list[tuple[float, float]]:
    """Do what a line asks for."""
    requests = iter([signed(body, order) for body, _ in zip(bodies(order), range(order["count"]), strict=False)])
    took: list[tuple[float, float]] = []
    await asyncio.gather(*(sent(requests, order["port"], took) for _ in range(order["in_flight"])))
    return took


def main() -> None:
    """Do what standard input asks for, line by line."""
    for line in sys.stdin:
        took = uvloop.run(round_of(json.loads(line)))
        sys.stdout.write(json.dumps(took) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
