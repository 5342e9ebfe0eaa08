"""conversations.history and .replies: what was said, in pages, with metadata where it is asked for."""

from __future__ import annotations

import re

from bot.sandbox import shapes
from bot.sandbox.errors import SlackError
from bot.sandbox.model import Message
from bot.sandbox.web_api.call import Call, Method, page
from bot.sandbox.wire import Json

TIME = re.compile(r"\d+(\.\d+)?")
MOST = 999


def history(call: Call) -> Json:
    """Answer conversations.history: newest first, replies only where broadcast."""
    channel = call.joined(call.channel())
    call.needs_for(channel, "history")
    found = [m for m in call.slack.workspace.messages.top(channel.id) if m.ephemeral_to is None and _within(call, m)]
    found.reverse()
    shown, cursor = page(call, found, lambda m: m.ts, default=100, most=MOST)
    pins = sum(bool(m.pinned) for m in call.slack.workspace.messages.everything(channel.id))
    return _answer(call, shown, cursor) | {"pin_count": pins}


def replies(call: Call) -> Json:
    """Answer conversations.replies: the parent, then its replies, oldest first."""
    channel = call.joined(call.channel(), "channel_not_found")
    call.needs_for(channel, "history")
    named = call.message(channel, "ts", "thread_not_found")
    parent = call.slack.workspace.messages.find(channel.id, named.thread_ts) if named.thread_ts else named
    if parent is None:
        raise SlackError("thread_not_found")
    under = [m for m in call.slack.workspace.messages.public_replies(parent) if _within(call, m)]
    shown, cursor = page(call, [parent, *under], lambda m: m.ts, default=MOST, most=MOST)
    return _answer(call, shown, cursor)


def _answer(call: Call, shown: list[Message], cursor: str) -> Json:
    metadata = call.flag("include_all_metadata")
    messages = [shapes.message(call.slack.workspace, message, metadata=metadata) for message in shown]
    more = {"response_metadata": {"next_cursor": cursor}} if cursor else {}
    return {"messages": messages, "has_more": bool(cursor)} | more


def _within(call: Call, message: Message) -> bool:
    """Whether the message lies between `oldest` and `latest`; the ends count with `inclusive`."""
    oldest, latest = _time(call, "oldest") or "0", _time(call, "latest")
    if call.flag("inclusive"):
        return message.ts >= oldest and (latest is None or message.ts <= latest)
    return message.ts > oldest and (latest is None or message.ts < latest)


def _time(call: Call, name: str) -> str | None:
    """Return a bound as a timestamp. Raises invalid_ts_oldest or invalid_ts_latest."""
    word = call.given(name)
    if word is None or word in ("0", "now"):
        return None
    if not TIME.fullmatch(word):
        raise SlackError(f"invalid_ts_{name}")
    seconds, _, micros = word.partition(".")
    return f"{seconds}.{micros:0<6}"


READ = ("channels:history", "groups:history", "im:history", "mpim:history")
METHODS = (
    Method("conversations.history", history, READ, ("channel",)),
    Method("conversations.replies", replies, READ, ("channel", "ts"), takes_json=False),
)
