"""A person at the local Slack, by its driver API: what they do, and what they see."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.slack.compat.processes import eventually

Json = dict[str, Any]

TOMAS = "U0TOMASMU2"
SELMA = "U0SELMANA3"


@dataclass(frozen=True)
class Driver:
    """The driver API of one local Slack; every call raises with the answer when it is not a success."""

    port: int

    def get(self, path: str, **query: str) -> Any:  # noqa: ANN401 - whatever JSON the driver answers
        return self._call("GET", f"/driver/{path}?{urlencode(query)}", None)

    def post(self, path: str, **body: object) -> Any:  # noqa: ANN401 - the same
        return self._call("POST", f"/driver/{path}", {_plain(name): value for name, value in body.items()})

    def _call(self, method: str, path: str, body: Json | None) -> Any:  # noqa: ANN401 - the same
        sent = None if body is None else json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request(method, path, sent, {"Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        assert response.status < 300, f"{method} {path}: {response.status} {text}"
        return json.loads(text)


def _plain(name: str) -> str:
    """`as_` is how Python spells the field `as`."""
    return name.rstrip("_")


@dataclass(frozen=True)
class Person:
    """Somebody in one channel."""

    driver: Driver
    id: str
    channel: str

    def says(self, text: str) -> Json:
        posted: Json = self.driver.post("post", as_=self.id, channel=self.channel, text=text)
        return posted

    def types(self, command: str) -> Json:
        answer: Json = self.driver.post("command", as_=self.id, channel=self.channel, text=command)
        return answer

    def presses(self, message: Json, action_id: str) -> Json:
        answer: Json = self.driver.post(
            "press", as_=self.id, channel=self.channel, ts=message["ts"], action_id=action_id
        )
        return answer

    def reacts(self, message: Json, name: str) -> None:
        self.driver.post("react", as_=self.id, channel=self.channel, ts=message["ts"], name=name)

    def submits(self, view: Json, **values: object) -> Json:
        answer: Json = self.driver.post("submit", as_=self.id, view_id=view["id"], values=values)
        return answer

    def closes(self, view: Json) -> None:
        self.driver.post("close", as_=self.id, view_id=view["id"])

    def messages(self, thread_ts: str | None = None) -> list[Json]:
        more = {"thread_ts": thread_ts} if thread_ts else {}
        messages: list[Json] = self.driver.get("messages", channel=self.channel, **{"as": self.id}, **more)
        return messages

    def views(self) -> list[Json]:
        views: list[Json] = self.driver.get("views", **{"as": self.id})
        return views

    def sees(self, text: str, thread_ts: str | None = None) -> Json:
        """Wait for a message with this text."""

        def find() -> Json | None:
            return next((each for each in self.messages(thread_ts) if text in (each.get("text") or "")), None)

        return eventually(find, f"a message with {text!r}")

    def sees_view(self, words: str) -> Json:
        """Wait for a modal with these words in it."""

        def find() -> Json | None:
            return next((view for view in self.views() if words in json.dumps(view)), None)

        return eventually(find, f"a modal with {words!r}")
