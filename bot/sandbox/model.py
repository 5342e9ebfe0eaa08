"""People, groups, channels and messages as the local Slack remembers them.

Each knows how to become a record for the store and how to come back from one. What Slack *shows* of them is in
shapes.py; nothing here knows the Web API.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Self

from .wire import Json


@dataclass
class Record:
    """Something that is stored as one JSON object with the members of its class."""

    def record(self) -> Json:
        """Return the stored form; nested values are shared, not copied."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def from_record(cls, record: Json) -> Self:
        """Return the thing a stored form describes; members of newer versions are ignored."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in record.items() if name in known})


@dataclass
class Person(Record):
    """A member of the workspace; the bot is one too."""

    id: str
    name: str
    handle: str
    tz: str = "Africa/Windhoek"
    title: str = ""
    email: str = ""
    bot_id: str | None = None
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False

    @property
    def is_bot(self) -> bool:
        """Whether this is an app's bot user."""
        return self.bot_id is not None


@dataclass
class Group(Record):
    """A usergroup, `@developers`."""

    id: str
    handle: str
    name: str
    description: str = ""
    users: list[str] = field(default_factory=list)
    created: int = 0
    updated: int = 0


@dataclass
class Channel(Record):
    """A conversation. `kind` is channel, group (private), im or mpim; times are Unix seconds."""

    id: str
    name: str
    kind: str = "channel"
    members: list[str] = field(default_factory=list)
    creator: str = ""
    created: int = 0
    topic: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    purpose: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    is_archived: bool = False
    is_general: bool = False
    previous_names: list[str] = field(default_factory=list)
    bookmarks: list[Json] = field(default_factory=list)
    last_read: dict[str, str] = field(default_factory=dict)

    @property
    def is_im(self) -> bool:
        """Whether this is a direct message between two."""
        return self.kind == "im"

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it."""
        return self.kind == "channel"

    def other(self, person: str) -> str:
        """Return who the person talks to in a direct message (oneself, in a note to self)."""
        return next((member for member in self.members if member != person), person)


@dataclass
class Message(Record):
    """A message; `ts` is its identity within the channel and its place in time."""

    channel: str
    ts: str
    user: str
    text: str = ""
    thread_ts: str | None = None
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    metadata: Json | None = None
    bot_id: str | None = None
    username: str | None = None
    icons: Json | None = None
    subtype: str | None = None
    ephemeral_to: str | None = None
    broadcast: bool = False
    reactions: list[Json] = field(default_factory=list)
    edited: Json | None = None
    pinned: Json | None = None
    mentions: list[str] = field(default_factory=list)
    files: list[Json] | None = None

    @property
    def is_reply(self) -> bool:
        """Whether it stands under another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def is_top(self) -> bool:
        """Whether it stands in the channel itself."""
        return not self.is_reply or self.broadcast

    def visible_to(self, person: str) -> bool:
        """Whether the person may see it, given that the person may see the channel."""
        return self.ephemeral_to in (None, person)
