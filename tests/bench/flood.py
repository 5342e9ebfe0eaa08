"""A thousand alert groups in a minute, with Slack's limits on: what is posted, how soon, and how long an ack waits.

Slack takes one message a second into a channel, and a few at once after a rest: five channels take a thousand in 195
seconds, and no bot is faster. That is what the time until every card is right is held against.
"""

from __future__ import annotations

import json
import random
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.asking import SELMA
from tests.bench.figures import Row
from tests.bench.intake import TOKEN, alerting
from tests.bench.serving import Load, load_generator
from tests.bench.town import Town, repository, town, written

CHANNELS = {
    "0": ("general", "C0GENERAL1"),
    "1": ("deployments", "C0DEPLOYM2"),
    "2": ("approvals", "C0APPROVA3"),
    "3": ("alerts", "C0ALERTSX4"),
    "4": ("incidents", "C0INCIDEN5"),
}
GROUPS, MINUTE, BURST = 1_000, 60.0, 5
ACKS, SOON = 20, 2.0  # acknowledgements pressed meanwhile, and within how many seconds each is to be seen
RIGHT = "SELECT 1 FROM cards WHERE shown_revision < revision OR ts IS NULL HAVING count(*) = %s"
SHOWN = "SELECT split_part(subject, ':', 2), channel, ts FROM cards WHERE role = 'live' AND ts IS NOT NULL"
BACKEND = {"kind": "process", "port": 31997, "run": ["none"]}
PATIENCE, PAUSE = 900.0, 0.1  # seconds


@dataclass(frozen=True)
class Screen:
    """What people see in the local Slack."""

    api: str

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """Return the messages of a channel, threads left out."""
        query = urllib.parse.urlencode({"channel": channel, "as": SELMA})
        address = f"{self.api.removesuffix('/api/')}/driver/messages?{query}"
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - of the local Slack
            return list(json.loads(answer.read()))


def measure(load: Load, environment: Mapping[str, str], logs: Path) -> list[Row]:
    """Return the rows."""
    data = logs / "flood"
    data.mkdir()
    routes = {name: channel for name, (channel, _) in CHANNELS.items()}
    catalog = alerting(written(repository(environment), {"backend": BACKEND}), routes)
    screen = Screen(environment["SLACK_API_URL"])
    with town(load, {**environment, "ALERTS_TOKEN": TOKEN}, data, catalog) as place, load_generator() as monitor:
        with ThreadPoolExecutor(1) as pool:
            order = {"port": place.bot.port, "secret": TOKEN, "path": "/webhooks/alertmanager/*"}
            each = MINUTE * len(CHANNELS) / GROUPS
            told = {**order, "routes": len(CHANNELS), "count": GROUPS, "in_flight": len(CHANNELS), "every": each}
            began = time.monotonic()
            telling = pool.submit(monitor.send, told)
            waits = [_acknowledged(place, screen, number) for number in range(ACKS)]
            telling.result()
            place.people.until(RIGHT, 0, PATIENCE)
            took = time.monotonic() - began
        posted = _posted(screen)
    least = max(MINUTE, GROUPS / len(CHANNELS) - BURST)
    return [
        Row("1,000 groups until every card is right", "s", took, least, "s", 1.2, GROUPS),
        Row("groups not posted, or twice ÷ told", "groups", _wrong(posted), GROUPS, "", 0.0, GROUPS),
        Row("an ack meanwhile until it is seen ÷ 2 s", "max", max(waits), SOON, "s", 1.0, len(waits)),
    ]


def _acknowledged(place: Town, screen: Screen, number: int) -> float:
    """Press Acknowledge on a card that hangs; return how many seconds later people see it."""
    place.people.until(f"SELECT 1 FROM ({SHOWN}) AS shown HAVING count(*) > %s", 8 * number + 3, 120)  # noqa: S608
    group, channel, ts = random.choice(place.people.ledger.execute(SHOWN).fetchall())  # noqa: S311 - any will do
    payload = {
        "type": "block_actions",
        "team": {"id": "T0HEALTHB1", "domain": "healthbridge"},
        "user": {"id": SELMA, "username": "selma", "name": "selma", "team_id": "T0HEALTHB1"},
        "api_app_id": "A0SLIPWAY1",
        "token": "x" * 24,
        "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
        "channel": {"id": channel, "name": "alerts"},
        "actions": [{"type": "button", "action_id": "ack", "block_id": "b", "value": group, "action_ts": ts}],
    }
    began = place.people.load.send_one({**place.people.order, "payload": payload})
    channel_id = dict(CHANNELS.values()).get(channel, channel)
    while not _at_it(screen.messages(channel_id), ts):
        if time.monotonic() - began > MINUTE:
            raise RuntimeError(f"group {group}: nobody is seen at it after {MINUTE:g} s")
        time.sleep(PAUSE)
    return time.monotonic() - began


def _at_it(messages: list[dict[str, Any]], ts: str) -> bool:
    return any(one["ts"] == ts and "is at it since" in json.dumps(one["blocks"]) for one in messages)


def _posted(screen: Screen) -> Counter[str]:
    """Return how often each group's card was posted."""
    found: Counter[str] = Counter()
    for _, channel in CHANNELS.values():
        for message in screen.messages(channel):
            about = ((message.get("metadata") or {}).get("event_payload") or {}).get("subject", "")
            if str(about).startswith("alertgroup:"):
                found[str(about)] += 1
    return found


def _wrong(posted: Counter[str]) -> int:
    return GROUPS - len(posted) + sum(times - 1 for times in posted.values())
