"""Every message, by channel and time, written through.

`ts` doubles as identity and order, as in Slack: seconds and microseconds, unique in the whole workspace, growing even
when the clock stands still or goes back, also across restarts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .model import Channel, Message
from .store import Store
from .wire import Json

MICRO = 1_000_000


class Messages:
    """All messages of the workspace."""

    def __init__(self, store: Store, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._channels: dict[str, dict[str, Message]] = {}
        self._threads: dict[tuple[str, str], dict[str, Message]] = {}
        self._last = int((store.get("counter", "ts") or {"value": 0})["value"])
        for record in store.all("message"):
            self._index(Message.from_record(record))

    def next_ts(self) -> str:
        """Return a timestamp that was never given before, as `1700000000.000001`."""
        self._last = max(self._last + 1, int(self._now() * MICRO))
        self._store.put("counter", "ts", {"value": self._last})
        return f"{self._last // MICRO:010d}.{self._last % MICRO:06d}"

    def keep(self, message: Message) -> None:
        """Add or change the message; it is safe when this returns."""
        self._index(message)
        self._store.put("message", _key(message), message.record())

    def remove(self, message: Message) -> None:
        """Forget the message."""
        self._channels[message.channel].pop(message.ts, None)
        if message.is_reply:
            self._threads[message.channel, str(message.thread_ts)].pop(message.ts, None)
        self._store.remove("message", _key(message))

    def find(self, channel: str, ts: str) -> Message | None:
        """Return the message, or None when there is none (any more)."""
        return self._channels.get(channel, {}).get(ts)

    def top(self, channel: str) -> Iterator[Message]:
        """Yield what stands in the channel itself, oldest first, ephemeral ones included."""
        return (message for message in self._channels.get(channel, {}).values() if message.is_top)

    def everything(self, channel: str) -> Iterator[Message]:
        """Yield all of the channel's messages, replies included, oldest first."""
        return iter(list(self._channels.get(channel, {}).values()))

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        """Return the replies under the message, oldest first, ephemeral ones included, the parent not."""
        return list(self._threads.get((channel, thread_ts), {}).values())

    def public_replies(self, message: Message) -> list[Message]:
        """Return the replies everybody sees."""
        return [r for r in self.replies(message.channel, message.ts) if r.ephemeral_to is None]

    def unread(self, channel: Channel, person: str) -> list[Message]:
        """Return what stands in the channel and the person has not read, oldest first."""
        mark = channel.last_read.get(person, "0")
        waiting: list[Message] = []
        for message in reversed(self._channels.get(channel.id, {}).values()):
            if message.ts <= mark:
                break
            if message.is_top and message.user != person and message.ephemeral_to is None:
                waiting.append(message)
        return waiting[::-1]

    def _index(self, message: Message) -> None:
        self._channels.setdefault(message.channel, {})[message.ts] = message
        if message.is_reply:
            self._threads.setdefault((message.channel, str(message.thread_ts)), {})[message.ts] = message


def thread_figures(messages: Messages, message: Message) -> Json:
    """Return reply_count, reply_users, reply_users_count and latest_reply of a parent; empty when nobody replied."""
    replies = [] if message.is_reply else messages.public_replies(message)
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "reply_count": len(replies),
        "reply_users": users[:5],
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
    }


def _key(message: Message) -> str:
    """Return the store's key; keys sort by time within a channel."""
    return f"{message.channel}/{message.ts}"
