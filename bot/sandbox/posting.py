"""Messages as things that happen: posted, edited, deleted, reacted to, pinned, read.

Each sentence here writes first, then tells the open pages, then the app. Rules about who may do it belong to the
callers (the Web API for the app, the driver for people); this is what follows once it is allowed.
"""

from __future__ import annotations

from . import cast, picture, shapes
from .events import Events
from .mentions import mentioned
from .model import Channel, Message
from .stream import Stream
from .wire import Json
from .workspace import Workspace

DELETED = "This message was deleted."


class Posting:
    """What can happen to a message."""

    def __init__(self, workspace: Workspace, stream: Stream, events: Events) -> None:
        self._workspace = workspace
        self._stream = stream
        self._events = events

    def post(self, channel: Channel, message: Message) -> Message:
        """Add the message, ephemeral or not."""
        message.mentions = mentioned(self._workspace, channel, message)
        self._workspace.messages.keep(message)
        if message.ephemeral_to is not None:
            self._stream.tell([message.ephemeral_to], self._picture("ephemeral", message))
            return message
        if message.user in channel.members and message.is_top:
            self.read(channel, message.user, message.ts)
        self._tell(channel, self._picture("message", message))
        self._repaint_parent(channel, message)
        self._announce(channel, message)
        return message

    def edit(self, channel: Channel, message: Message, previous: Json) -> None:
        """Keep the changed message; `previous` is how the app knew it (`shapes.message` before the change)."""
        message.mentions = mentioned(self._workspace, channel, message)
        self._workspace.messages.keep(message)
        if message.ephemeral_to is not None:
            self._stream.tell([message.ephemeral_to], self._picture("changed", message))
            return
        self._tell(channel, self._picture("changed", message))
        self._announce_change(channel, message, previous)

    def reword(self, channel: Channel, message: Message, text: str) -> None:
        """Let the author change the text."""
        previous = shapes.message(self._workspace, message)
        message.text = text
        message.edited = {"user": message.user, "ts": self._workspace.messages.next_ts()}
        self.edit(channel, message, previous)

    def delete(self, channel: Channel, message: Message) -> None:
        """Remove the message; a parent with replies leaves a stone behind, as in Slack."""
        previous = shapes.message(self._workspace, message)
        if self._workspace.messages.public_replies(message):
            message.text, message.subtype, message.user = DELETED, "tombstone", cast.SLACKBOT
            message.blocks = message.attachments = message.files = None
            message.metadata = message.bot_id = message.pinned = None
            message.reactions, message.mentions = [], []
            self.edit(channel, message, previous)
            return
        self._workspace.messages.remove(message)
        gone = {"kind": "deleted", "channel": channel.id, "ts": message.ts, "thread_ts": message.thread_ts}
        if message.ephemeral_to is not None:
            self._stream.tell([message.ephemeral_to], gone)
            return
        self._tell(channel, gone)
        self._repaint_parent(channel, message)
        now = self._workspace.messages.next_ts()
        event = {"subtype": "message_deleted", "hidden": True, "deleted_ts": message.ts, "ts": now, "event_ts": now}
        self._events.message(channel, event | {"previous_message": previous})

    def react(self, channel: Channel, message: Message, person: str, name: str) -> bool:
        """Add the person's reaction; False when it was there."""
        entry = next((r for r in message.reactions if r["name"] == name), None)
        if entry is not None and person in entry["users"]:
            return False
        if entry is None:
            entry = {"name": name, "users": []}
            message.reactions.append(entry)
        entry["users"].append(person)
        self._reacted("reaction_added", channel, message, person, name)
        return True

    def unreact(self, channel: Channel, message: Message, person: str, name: str) -> bool:
        """Take the person's reaction back; False when there was none."""
        entry = next((r for r in message.reactions if r["name"] == name and person in r["users"]), None)
        if entry is None:
            return False
        entry["users"].remove(person)
        message.reactions = [r for r in message.reactions if r["users"]]
        self._reacted("reaction_removed", channel, message, person, name)
        return True

    def pin(self, channel: Channel, message: Message, person: str, *, pinned: bool) -> None:
        """Pin or unpin the message."""
        created = int(self._workspace.now())
        message.pinned = {"created": created, "created_by": person} if pinned else None
        self._workspace.messages.keep(message)
        self._tell(channel, self._picture("changed", message))
        item = {"type": "message", "channel": channel.id, "created": created, "created_by": person}
        item["message"] = shapes.message(self._workspace, message)
        event = {"type": "pin_added" if pinned else "pin_removed", "user": person, "channel_id": channel.id}
        self._events.tell(event | {"item": item, "item_user": message.user}, channel)

    def read(self, channel: Channel, person: str, ts: str) -> None:
        """Move the person's unread mark forward to the message."""
        if ts > channel.last_read.get(person, ""):
            channel.last_read[person] = ts
            self._workspace.save(channel)
            event = {"kind": "read", "channel": channel.id, "ts": ts}
            self._stream.tell([person], event | picture.unread(self._workspace, channel, person))

    def _reacted(self, kind: str, channel: Channel, message: Message, person: str, name: str) -> None:
        self._workspace.messages.keep(message)
        shown = self._picture("reaction", message) | {"reactions": message.reactions, "user": person, "name": name}
        self._tell(channel, shown)
        item = {"type": "message", "channel": channel.id, "ts": message.ts}
        event = {"type": kind, "user": person, "reaction": name, "item_user": message.user, "item": item}
        self._events.reaction(channel, event)

    def _picture(self, kind: str, message: Message) -> Json:
        """Return the stream's event with the whole message."""
        where = {"kind": kind, "channel": message.channel, "ts": message.ts, "thread_ts": message.thread_ts}
        return where | {"message": picture.message(self._workspace, message)}

    def _repaint_parent(self, channel: Channel, reply: Message) -> None:
        """Tell the pages that a parent's number of replies changed."""
        parent = self._workspace.messages.find(channel.id, reply.thread_ts) if reply.thread_ts else None
        if parent is not None and reply.is_reply:
            self._tell(channel, self._picture("changed", parent))

    def _tell(self, channel: Channel, event: Json) -> None:
        self._stream.tell(self._workspace.audience(channel), event)

    def _announce(self, channel: Channel, message: Message) -> None:
        """Tell the app of a new message, and of its being mentioned."""
        body = shapes.message(self._workspace, message, metadata=True) | {"event_ts": message.ts}
        if message.is_reply and message.broadcast:
            body["subtype"] = "thread_broadcast"
        self._events.message(channel, body)
        if cast.BOT_USER in message.mentions and not channel.is_im:
            about = {name: value for name, value in body.items() if name not in ("subtype", "channel_type")}
            self._events.tell(about | {"type": "app_mention", "channel": channel.id}, channel)

    def _announce_change(self, channel: Channel, message: Message, previous: Json) -> None:
        now = self._workspace.messages.next_ts()
        event = {"subtype": "message_changed", "hidden": True, "ts": now, "event_ts": now}
        body = shapes.message(self._workspace, message, metadata=True)
        self._events.message(channel, event | {"message": body, "previous_message": previous})
