"""One call of a Web API method: its arguments however they came, and the lookups every family needs."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from bot.sandbox import cast
from bot.sandbox.errors import SlackError
from bot.sandbox.model import Channel, Message, Person
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.wire import Json, parsed

Item = TypeVar("Item")
FAMILY = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
TokenKind = Literal["bot", "app", "any", "none"]


@dataclass(frozen=True)
class Call:
    """The call: the method's name, its arguments without the token, and the local Slack it is made to."""

    slack: Sandbox
    method: str
    arguments: Json

    def text(self, name: str) -> str:
        """Return an argument as text, empty when absent."""
        value = self.arguments.get(name)
        return "" if value is None else str(value)

    def given(self, name: str) -> str | None:
        """Return an argument as text, None when absent or empty."""
        return self.text(name) or None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a yes or no; forms and query strings send it as a word or a digit."""
        value = self.arguments.get(name)
        return default if value is None or value == "" else str(value).lower() in ("true", "1")

    def json(self, name: str) -> object:
        """Return a structured argument, which may have come as a JSON string."""
        value = self.arguments.get(name)
        return parsed(value) if isinstance(value, str) else value

    def listed(self, name: str) -> list[str]:
        """Return a list that came with commas or as JSON."""
        value = self.arguments.get(name)
        parts = value if isinstance(value, list) else self.text(name).split(",")
        return [str(part).strip() for part in parts if str(part).strip()]

    def limit(self, default: int, most: int) -> int:
        """Return the `limit` argument. Raises invalid_limit where it is no number from 1 up."""
        word = self.text("limit") or "0"
        if not word.lstrip("-").isdigit() or int(word) < 0:
            raise SlackError("invalid_limit")
        return min(int(word) or default, most)

    def channel(self, name: str = "channel") -> Channel:
        """Return the conversation the argument names by id, if the bot can know of it. Raises channel_not_found."""
        channel = self.slack.workspace.channels.get(self.text(name))
        if channel is None or not (channel.is_public or cast.BOT_USER in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def joined(self, channel: Channel, code: str = "not_in_channel") -> Channel:
        """Return the channel. Raises the code unless the bot is in it."""
        if cast.BOT_USER not in channel.members:
            raise SlackError(code)
        return channel

    def message(self, channel: Channel, name: str = "ts", code: str = "message_not_found") -> Message:
        """Return the message the argument names; an ephemeral one cannot be found. Raises the code."""
        message = self.slack.workspace.messages.find(channel.id, self.text(name))
        if message is None or message.ephemeral_to is not None:
            raise SlackError(code)
        return message

    def person(self, name: str = "user", code: str = "user_not_found") -> Person:
        """Return the person the argument names. Raises the code."""
        person = self.slack.workspace.people.get(self.text(name))
        if person is None:
            raise SlackError(code)
        return person

    def needs(self, *scopes: str) -> None:
        """Raise missing_scope unless one of these was granted."""
        granted = self.slack.config.scopes
        if granted is not None and not granted & set(scopes):
            raise SlackError("missing_scope", needed=scopes[0], provided=",".join(sorted(granted)))

    def needs_for(self, channel: Channel, *rights: str) -> None:
        """Raise missing_scope unless `channels:read` (or the like, by kind of conversation) was granted."""
        finer = [f"{FAMILY[channel.kind]}:{right}" for right in rights]
        self.needs(*finer, *(["channels:manage"] if channel.is_public and "write" in rights[0] else []))


@dataclass(frozen=True)
class Method:
    """One method: what answers it, what it needs.

    `scopes`: any one of them suffices; `takes_json`: whether Slack reads JSON bodies for it.
    """

    name: str
    answer: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    takes_json: bool = True
    token: TokenKind = "bot"  # noqa: S105 - the kind of a token, not one


def page(
    call: Call, items: Sequence[Item], key: Callable[[Item], str], *, default: int, most: int
) -> tuple[list[Item], str]:
    """Return one page of the items and the cursor of the next (empty at the end). Raises invalid_cursor."""
    start = 0
    if cursor := call.given("cursor"):
        wanted = _decoded(cursor)
        start = next((n for n, item in enumerate(items) if key(item) == wanted), -1)
        if start < 0:
            raise SlackError("invalid_cursor")
    end = start + call.limit(default, most)
    following = items[end : end + 1]
    return list(items[start:end]), _encoded(key(following[0])) if following else ""


def _encoded(word: str) -> str:
    return base64.urlsafe_b64encode(f"next:{word}".encode()).decode()


def _decoded(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor.encode()).decode().removeprefix("next:")
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise SlackError("invalid_cursor") from error
