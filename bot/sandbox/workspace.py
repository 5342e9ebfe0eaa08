"""What the workspace holds right now: people, groups and channels, in memory and written through.

Lookups live here, and nothing that tells anybody: posting, joining and reacting, which also tell the app and the
pages, are in posting.py and membership.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable

from . import cast
from .messages import Messages
from .model import Channel, Group, Person
from .store import Store

ALPHABET = "ABCDEFGHIJKLMNPQRSTUVWXYZ0123456789"
ID_LENGTH = 10


def new_id(prefix: str) -> str:
    """Return a new id of Slack's shape, `C07AB2K9QXZ`."""
    return prefix + "0" + "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH - 1))


class Workspace:
    """The one team of the local Slack."""

    def __init__(self, store: Store, now: Callable[[], float], *, bot_name: str, team_name: str) -> None:
        self.now = now
        self.team_name = team_name
        self._store = store
        self._ensure_populated(bot_name)
        self.people = {p.id: p for p in map(Person.from_record, store.all("person"))}
        self.groups = {g.id: g for g in map(Group.from_record, store.all("group"))}
        self.channels = {c.id: c for c in map(Channel.from_record, store.all("channel"))}
        self.messages = Messages(store, now)

    @property
    def bot(self) -> Person:
        """The app's bot user."""
        return self.people[cast.BOT_USER]

    def save(self, thing: Channel | Group | Person) -> None:
        """Write the changed thing through."""
        match thing:
            case Channel():
                self.channels[thing.id] = thing
            case Group():
                self.groups[thing.id] = thing
            case Person():
                self.people[thing.id] = thing
        self._store.put(type(thing).__name__.lower(), thing.id, thing.record())

    def channel_named(self, word: str) -> Channel | None:
        """Return the channel with this id or name (`deployments` or `#deployments`)."""
        name = word.removeprefix("#")
        by_name = (c for c in self.channels.values() if c.name == name and c.kind in ("channel", "group"))
        return self.channels.get(word) or next(by_name, None)

    def person_named(self, word: str) -> Person | None:
        """Return the person with this id or handle (`tomas` or `@tomas`)."""
        handle = word.removeprefix("@")
        return self.people.get(word) or next((p for p in self.people.values() if p.handle == handle), None)

    def group_named(self, word: str) -> Group | None:
        """Return the usergroup with this id or handle."""
        handle = word.removeprefix("@")
        return self.groups.get(word) or next((g for g in self.groups.values() if g.handle == handle), None)

    def groups_of(self, person: str) -> list[Group]:
        """Return the usergroups the person is in."""
        return [group for group in self.groups.values() if person in group.users]

    def direct(self, people: Iterable[str]) -> Channel:
        """Return the direct conversation of exactly these people, made on demand."""
        wanted = sorted(set(people))
        kind = "im" if len(wanted) <= 2 else "mpim"  # noqa: PLR2004 - two people are a pair
        for channel in self.channels.values():
            if channel.kind == kind and sorted(channel.members) == wanted:
                return channel
        name = "" if kind == "im" else "mpdm-" + "--".join(self.people[p].handle for p in wanted) + "-1"
        channel = Channel(new_id("D" if kind == "im" else "C"), name, kind, wanted, created=int(self.now()))
        self.save(channel)
        return channel

    def audience(self, channel: Channel) -> list[str]:
        """Return who may look at the channel: everybody at a public one, the members otherwise."""
        return [p.id for p in self.people.values() if not p.is_bot] if channel.is_public else list(channel.members)

    def may_see(self, person: str, channel: Channel) -> bool:
        """Whether the person may look at the channel."""
        return channel.is_public or person in channel.members

    def _ensure_populated(self, bot_name: str) -> None:
        """Fill an empty store with the cast; keep the bot's name as configured."""
        if not self._store.get("person", cast.BOT_USER):
            for channel in cast.channels():
                self._store.put("channel", channel.id, channel.record())
            for group in cast.groups():
                self._store.put("group", group.id, group.record())
            for person in cast.people(bot_name):
                person.is_admin = person.id in cast.administrators()
                self._store.put("person", person.id, person.record())
