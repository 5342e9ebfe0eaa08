"""response_urls: leave to answer one command or press, five times within thirty minutes, member or not.

They are remembered across restarts: an app that outlives a restart of Slack goes on using them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from . import cast
from .drafts import draft
from .errors import SlackError
from .model import Channel, Message, Record
from .posting import Posting
from .shapes import message as shape
from .store import Store
from .wire import Json
from .workspace import Workspace

MOST_USES = 5
LIFE = 30 * 60.0


@dataclass
class ResponseUrl(Record):
    """Where an answer goes. `ts` is the message that replace_original and delete_original mean."""

    id: str
    channel: str
    person: str
    ts: str | None
    thread_ts: str | None
    created: float
    uses: int = 0


class Responses:
    """All response_urls that still work, and what answering by them does."""

    def __init__(self, store: Store, now: Callable[[], float], workspace: Workspace, posting: Posting) -> None:
        self._store = store
        self._now = now
        self._workspace = workspace
        self._posting = posting
        self._known = {r.id: r for r in map(ResponseUrl.from_record, store.all("response"))}

    def issue(self, channel: str, person: str, *, ts: str | None = None, thread_ts: str | None = None) -> ResponseUrl:
        """Return a new one."""
        self._forget_old()
        handle = ResponseUrl(secrets.token_urlsafe(24), channel, person, ts, thread_ts, self._now())
        self._keep(handle)
        return handle

    def use(self, id_: str, body: Json) -> None:
        """Answer by the URL. Raises SlackError: expired_url, used_url, or what is wrong with the body."""
        handle = self._known.get(id_)
        if handle is None or self._now() - handle.created > LIFE:
            raise SlackError("expired_url")
        if handle.uses >= MOST_USES:
            raise SlackError("used_url")
        self.answer(handle, body)
        handle.uses += 1
        self._keep(handle)

    def answer(self, handle: ResponseUrl, body: Json) -> Message | None:
        """Do what the body says; return the message it made or changed. Raises SlackError."""
        channel = self._workspace.channels[handle.channel]
        original = self._workspace.messages.find(handle.channel, handle.ts) if handle.ts else None
        if _is_true(body.get("delete_original")):
            if original is not None:
                self._posting.delete(channel, original)
            return None
        content = draft(body)
        if content.is_empty:
            raise SlackError("no_text")
        if _is_true(body.get("replace_original")) and original is not None:
            return self._replace(channel, original, body)
        message = self._message(handle, body)
        self._posting.post(channel, message)
        if handle.ts is None:
            handle.ts = message.ts
            self._keep(handle)
        return message

    def _replace(self, channel: Channel, original: Message, body: Json) -> Message:
        """Put the new content in the place of the old; what is not said again is gone."""
        content, previous = draft(body), shape(self._workspace, original)
        original.text, original.blocks = content.text or "", content.blocks
        original.attachments = content.attachments
        if content.metadata is not None:
            original.metadata = content.metadata or None
        if original.ephemeral_to is None:
            original.edited = {"user": cast.BOT, "ts": self._workspace.messages.next_ts()}
        self._posting.edit(channel, original, previous)
        return original

    def _message(self, handle: ResponseUrl, body: Json) -> Message:
        """Return a new message of the bot: for the person alone unless it says in_channel."""
        content = draft(body)
        return Message(
            handle.channel,
            self._workspace.messages.next_ts(),
            cast.BOT_USER,
            content.text or "",
            thread_ts=body.get("thread_ts") or handle.thread_ts,
            blocks=content.blocks,
            attachments=content.attachments,
            metadata=content.metadata,
            bot_id=cast.BOT,
            ephemeral_to=None if body.get("response_type") == "in_channel" else handle.person,
        )

    def _keep(self, handle: ResponseUrl) -> None:
        self._known[handle.id] = handle
        self._store.put("response", handle.id, handle.record())

    def _forget_old(self) -> None:
        for handle in [h for h in self._known.values() if self._now() - h.created > LIFE * 2]:
            del self._known[handle.id]
            self._store.remove("response", handle.id)


def _is_true(given: object) -> bool:
    """Whether a flag of a response is set; forms send it as a word."""
    return given is True or str(given).lower() in ("true", "1")
