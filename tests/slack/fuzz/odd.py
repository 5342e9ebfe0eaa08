"""Odd requests, without end and always the same ones for a seed: what Slack sends, bent in one way or another.

Each comes with a word for how it was bent and whether Slack's signature on it is right.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tests.fakes.posted import FORM, JSON, Posted, command, interaction, signed

Json = dict[str, Any]

USER = {"id": "U0NDAPEWA1", "username": "ndapewa", "name": "ndapewa", "team_id": "T0HEALTHB1"}
TEAM = {"id": "T0HEALTHB1", "domain": "healthbridge"}
CHANNEL = {"id": "C0DEPLOYM2", "name": "deployments"}
COMMANDS = ("deploy", "rollback", "cancel", "releases", "release", "status", "slipway", "no-such-word", "")
WORDS = (
    "staging",
    "production",
    "development",
    "backend",
    "frontend",
    "1.4.0",
    "develop",
    "main",
    "abc123",
    "to",
    "at",
)
WORDS += ("--dry-run", "--reason", "—reason", "14:00", "2h ago", "help", "0", "-1", "99999999999999999999", "change:1")
ACTIONS = ("approve", "reject", "cancel", "rollback", "resume", "succeeded", "failed", "log", "no-such-action", "")
FORMS = ("deploy", "rollback", "reject", "no-such-form", "")
ODD_VALUES: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e308, 2**63, 10**400, "", " ", "\x00", "\ud800", "\u202eabc", "<!channel>"),
    *("<@U0TOMASMU2>", "`${HOME}`", "'; DROP TABLE events; --", "x" * 5000, "ليلى", "🚀" * 200, "1", "change:1", "NaN"),
    *([], {}, [None], [[]], {"id": None}, {"": ""}, [1, "2", {}], {"type": "plain_text", "text": "x"}),
)
ODD_HEADERS = (
    "",
    "x",
    "0",
    "-1",
    "1e9",
    "9" * 400,
    "null",
    "é",
    "v0=",
    "v1=" + "0" * 64,
    "V0=" + "A" * 64,
    "\t",
    "1, 2",
)


@dataclass(frozen=True)
class Odd:
    """One request: how it was bent, and whether it is signed by Slack."""

    bent: str
    posted: Posted
    genuine: bool


def blocks_state(value: object) -> Json:
    return {"values": {"environment": {"environment": {"type": "static_select", "selected_option": {"value": value}}}}}


class Source:
    """Makes them. Time stands still at `at` (seconds of the epoch), so that a seed says all."""

    def __init__(self, seed: int, secret: str, at: float) -> None:
        self.random = random.Random(seed)  # noqa: S311 - it must be the same every time
        self.secret, self.at = secret, at
        self._deeds = 0

    def requests(self) -> Iterator[Odd]:
        """Yield odd requests."""
        ways: tuple[Callable[[], Odd], ...] = (
            *([self.bent_object] * 6),
            *([self.bent_command] * 3),
            *([self.bent_bytes] * 3),
            *([self.cut_off] * 2),
            *([self.spoken] * 2),
            *(self.bent_headers, self.noise, self.unsigned, self.deep, self.doubled, self.numbers, self.percent),
        )
        while True:
            yield self.random.choice(ways)()

    # what Slack sends

    def deed(self) -> str:
        self._deeds += 1
        return f"{self._deeds}.{self.random.randrange(10**9)}.x"

    def text(self) -> str:
        return " ".join(self.random.choice(WORDS) for _ in range(self.random.randrange(5)))

    def interaction(self) -> Json:
        common: Json = {"user": USER, "team": TEAM, "token": "x", "api_app_id": "A1", "trigger_id": self.deed()}
        common |= {"enterprise": None, "is_enterprise_install": False}
        return common | self.random.choice((self.press, self.submission, self.closed, self.shortcut, self.suggestion))()

    def press(self) -> Json:
        action = {"type": "button", "action_id": self.random.choice(ACTIONS), "block_id": "b", "action_ts": "1.2"}
        action["value"] = self.random.choice(("1", "2", "change:1", "operation:1", "0", "x"))
        return {
            "type": "block_actions",
            "container": {"type": "message", "message_ts": "1.2", "channel_id": CHANNEL["id"], "is_ephemeral": False},
            "channel": CHANNEL,
            "message": {"ts": "1.2", "text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn"}}]},
            "response_url": "http://127.0.0.1:1/x",
            "state": blocks_state("staging"),
            "actions": [action],
        }

    def view(self) -> Json:
        return {
            "id": "V1",
            "type": "modal",
            "callback_id": self.random.choice(FORMS),
            "private_metadata": self.random.choice(("", "{}", '{"channel":"C0DEPLOYM2"}', '{"about":"1"}')),
            "state": blocks_state(self.random.choice(("staging", "production", "nowhere"))),
            "hash": "1.x",
        }

    def submission(self) -> Json:
        return {"type": "view_submission", "view": self.view(), "response_urls": []}

    def closed(self) -> Json:
        return {"type": "view_closed", "view": self.view(), "is_cleared": False}

    def shortcut(self) -> Json:
        return {"type": "shortcut", "callback_id": "deploy", "action_ts": "1.2"}

    def suggestion(self) -> Json:
        return {"type": "block_suggestion", "action_id": "x", "block_id": "b", "value": "st", "view": self.view()}

    def event(self) -> Json:
        inner = self.random.choice(
            (
                {"type": "app_home_opened", "user": "U0NDAPEWA1", "channel": "D1", "tab": "messages"},
                {"type": "message", "channel": "C0DEPLOYM2", "user": "U0NDAPEWA1", "text": "hello", "ts": "1.2"},
                {"type": "message", "subtype": "message_changed", "message": {"text": "x", "user": "U1"}},
                {"type": "reaction_added", "user": "U1", "item": {"type": "message", "channel": "C1", "ts": "1.2"}},
                {"type": "subteam_members_changed", "subteam_id": "S1"},
                {"type": "user_change", "user": {"id": "U1", "profile": None, "deleted": "no"}},
                {"type": "user_change", "user": {"id": None}},
            )
        )
        if self.random.random() < 0.1:
            return self.random.choice(
                ({"type": "url_verification", "challenge": "x", "token": "x"}, {"type": "app_rate_limited"})
            )
        grants = [{"team_id": "T0HEALTHB1", "user_id": "U0SLIPWAY7", "is_bot": True, "enterprise_id": None}]
        envelope = {"token": "x", "team_id": "T0HEALTHB1", "api_app_id": "A1", "event_id": self.deed(), "event_time": 1}
        return envelope | {"type": "event_callback", "event": inner, "authorizations": grants}

    def command(self) -> bytes:
        return command(self.text(), command=f"/{self.random.choice(COMMANDS)}", trigger_id=self.deed())

    def body(self) -> tuple[bytes, str]:
        """Return what Slack would send, with its content type."""
        match self.random.randrange(3):
            case 0:
                return self.command(), FORM
            case 1:
                return interaction(self.interaction()), FORM
            case _:
                return json.dumps(self.event()).encode(), JSON

    # how it is bent

    def sign(self, bent: str, body: bytes, content_type: str) -> Odd:
        return Odd(bent, signed(body, secret=self.secret, at=self.at, content_type=content_type), genuine=True)

    def sign_object(self, bent: str, found: object, *, is_event: bool) -> Odd:
        return self.sign_text(bent, json.dumps(found), is_event=is_event)

    def sign_text(self, bent: str, text: str, *, is_event: bool) -> Odd:
        raw = text.encode("utf-8", "surrogatepass")
        return self.sign(bent, raw, JSON) if is_event else self.sign(bent, b"payload=" + quote(raw).encode(), FORM)

    def object(self) -> tuple[Json, bool]:
        is_event = self.random.random() < 0.35
        return deepcopy(self.event() if is_event else self.interaction()), is_event

    def bent_object(self) -> Odd:
        """Some fields gone, or of another kind."""
        found, is_event = self.object()
        for _ in range(self.random.choice((1, 1, 1, 2, 5))):
            self.bend(found)
        return self.sign_object("fields", found, is_event=is_event)

    def bend(self, found: Json) -> None:
        place: Any = found
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                return
            key = self.random.choice(keys)
            inner = place[key]
            if not isinstance(inner, dict | list) or self.random.random() < 0.4:
                break
            place = inner
        if self.random.random() < 0.3:
            del place[key]
        else:
            place[key] = deepcopy(self.random.choice(ODD_VALUES))

    def bent_command(self) -> Odd:
        """A command's fields gone, doubled or strange."""
        fields = dict(pair.split("=", 1) for pair in self.command().decode().split("&"))
        pairs = list(fields.items())
        for _ in range(self.random.choice((1, 1, 2, 4))):
            place = self.random.randrange(len(pairs))
            name, _value = pairs[place]
            odd = self.random.choice([one for one in ODD_VALUES if isinstance(one, str)])
            pairs[place] = (name, quote(odd.encode("utf-8", "surrogatepass")))
            if self.random.random() < 0.3:
                del pairs[place]
        return self.sign("command", "&".join(f"{name}={value}" for name, value in pairs).encode(), FORM)

    def spoken(self) -> Odd:
        """What people could really type, however senseless."""
        odd = self.random.choice([one for one in ODD_VALUES if isinstance(one, str) and "\ud800" not in one])
        text = self.random.choice((self.text(), f"{self.text()} {odd}", odd, f"--reason {odd}", f'"{odd}'))
        word = f"/{self.random.choice(COMMANDS)}"
        return self.sign("spoken", command(text, command=word, trigger_id=self.deed()), FORM)

    def bent_bytes(self) -> Odd:
        """Some bytes other than they were."""
        body, content_type = self.body()
        raw = bytearray(body)
        for _ in range(self.random.choice((1, 2, 8))):
            place = self.random.randrange(len(raw))
            raw[place : place + self.random.randrange(2)] = self.random.randbytes(self.random.randrange(3))
            raw = raw or bytearray(b"x")
        return self.sign("bytes", bytes(raw), content_type)

    def cut_off(self) -> Odd:
        body, content_type = self.body()
        return self.sign("cut off", body[: self.random.randrange(len(body))], content_type)

    def noise(self) -> Odd:
        content_type = self.random.choice((FORM, JSON, "", "text/plain", "multipart/form-data; boundary=x", "é"))
        return self.sign("noise", self.random.randbytes(self.random.randrange(300)), content_type)

    def percent(self) -> Odd:
        """Escapes that are none, and bytes that are no text."""
        odd = self.random.choice((b"%", b"%zz", b"%ff%fe", b"%00", b"+", b"&&&", b"==", b"%c3%28", b"payload", b";"))
        return self.sign("percent", self.command() + b"&text=" + odd * self.random.randrange(1, 60), FORM)

    def deep(self) -> Odd:
        depth = self.random.choice((50, 99, 101, 900, 1100, 100_000))
        found, is_event = self.object()
        nested = self.random.choice(("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth, "[" * depth))
        return self.sign_text("deep", json.dumps(found)[:-1] + f',"n":{nested}}}', is_event=is_event)

    def numbers(self) -> Odd:
        found, is_event = self.object()
        odd = self.random.choice(("NaN", "Infinity", "-Infinity", "1e99999", "-0", "9" * 5000, "1" + "0" * 400, "0x1"))
        key = self.random.choice(("n", "event_time", "trigger_id", "type", "actions", "user"))
        return self.sign_text("numbers", json.dumps(found)[:-1] + f',"{key}":{odd}}}', is_event=is_event)

    def doubled(self) -> Odd:
        """Keys that come twice, and differ."""
        found, is_event = self.object()
        key = self.random.choice(list(found))
        odd = json.dumps(self.random.choice(ODD_VALUES))
        if self.random.random() < 0.5:
            return self.sign_text("doubled", json.dumps(found)[:-1] + f',"{key}":{odd}}}', is_event=is_event)
        body = urlencode({"payload": json.dumps(found)}).encode() + b"&payload=" + quote(odd).encode()
        return self.sign("doubled", body, FORM)

    def unsigned(self) -> Odd:
        """A good request that somebody else signed, or nobody, or that was changed afterwards."""
        body, content_type = self.body()
        good = signed(body, secret=self.secret, at=self.at, content_type=content_type)
        match self.random.randrange(5):
            case 0:
                bad = signed(body, secret="another", at=self.at, content_type=content_type)
            case 1:
                bad = good.with_headers(x_slack_signature=None)
            case 2:
                bad = Posted(body + b"&x=1", good.headers)
            case 3:
                late = self.at + self.random.choice((-1, 1)) * self.random.choice((302, 3600, 10**9))
                bad = signed(body, secret=self.secret, at=late, content_type=content_type)
            case _:
                bad = good.with_headers(x_slack_request_timestamp=str(int(self.at) + 1))
        return Odd("unsigned", bad, genuine=False)

    def bent_headers(self) -> Odd:
        body, content_type = self.body()
        good = signed(body, secret=self.secret, at=self.at, content_type=content_type)
        name = self.random.choice(("x_slack_request_timestamp", "x_slack_signature", "content_type", "content_length"))
        bad = good.with_headers(**{name: self.random.choice(ODD_HEADERS)})
        return Odd("headers", bad, genuine=name in {"content_type", "content_length"})
