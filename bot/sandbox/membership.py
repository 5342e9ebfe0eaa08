"""Channels as places that people and the app enter, leave, rename, describe, archive."""

from __future__ import annotations

from . import cast, shapes
from .events import Events
from .model import Channel, Group, Message, Person
from .posting import Posting
from .stream import Stream
from .workspace import Workspace, new_id


class Membership:
    """What can happen to a channel, a group, a person."""

    def __init__(self, workspace: Workspace, stream: Stream, events: Events, posting: Posting) -> None:
        self._workspace = workspace
        self._stream = stream
        self._events = events
        self._posting = posting

    def create(self, name: str, creator: str, *, private: bool) -> Channel:
        """Make a channel with its creator in it; the name was checked."""
        kind = "group" if private else "channel"
        channel = Channel(new_id("C"), name, kind, [creator], creator, int(self._workspace.now()))
        self._changed(channel)
        about = {"id": channel.id, "name": name, "created": channel.created, "creator": creator}
        if not private:
            self._events.tell({"type": "channel_created", "channel": about})
        return channel

    def join(self, channel: Channel, person: str, inviter: str | None = None) -> None:
        """Let the person in; nothing happens when already there."""
        if person in channel.members:
            return
        channel.members.append(person)
        self._changed(channel)
        handle = self._workspace.people[person].handle
        self._notice(channel, person, "channel_join", f"<@{person}|{handle}> has joined the channel")
        event = {"type": "member_joined_channel", "user": person, "channel": channel.id, "team": cast.TEAM}
        by = {"inviter": inviter} if inviter else {}
        self._events.tell(event | by | {"channel_type": _letter(channel)}, channel)

    def leave(self, channel: Channel, person: str) -> None:
        """Let the person out."""
        if person not in channel.members:
            return
        event = {"type": "member_left_channel", "user": person, "channel": channel.id, "team": cast.TEAM}
        self._events.tell(event | {"channel_type": _letter(channel)}, channel)
        channel.members.remove(person)
        self._changed(channel)

    def archive(self, channel: Channel, person: str, *, archived: bool) -> None:
        """Archive the channel or bring it back."""
        if archived:
            self._notice(channel, person, "channel_archive", f"<@{person}> archived the channel")
        channel.is_archived = archived
        self._changed(channel)
        kind = ("channel_" if channel.is_public else "group_") + ("archive" if archived else "unarchive")
        self._events.tell({"type": kind, "channel": channel.id, "user": person}, channel)
        if not archived:
            self._notice(channel, person, "channel_unarchive", f"<@{person}> un-archived the channel")

    def rename(self, channel: Channel, person: str, name: str) -> None:
        """Give the channel another name; the name was checked."""
        old = channel.name
        channel.previous_names.append(old)
        channel.name = name
        self._changed(channel)
        self._notice(channel, person, "channel_name", f'<@{person}> has renamed the channel from "{old}" to "{name}"')
        about = {"id": channel.id, "name": name, "created": channel.created}
        self._events.tell({"type": "channel_rename", "channel": about}, channel)

    def describe(self, channel: Channel, person: str, what: str, value: str) -> None:
        """Set the `topic` or the `purpose`."""
        stated = {"value": value, "creator": person, "last_set": int(self._workspace.now())}
        setattr(channel, what, stated)
        self._changed(channel)
        self._notice(channel, person, f"channel_{what}", f"<@{person}> set the channel {what}: {value}")

    def regroup(self, group: Group, users: list[str]) -> None:
        """Change who is in a usergroup, and tell the app."""
        added = [user for user in users if user not in group.users]
        removed = [user for user in group.users if user not in users]
        before, group.users, group.updated = group.updated, list(users), int(self._workspace.now())
        self._workspace.save(group)
        event = {
            "type": "subteam_members_changed",
            "subteam_id": group.id,
            "team_id": cast.TEAM,
            "date_previous_update": before,
            "date_update": group.updated,
            "added_users": added,
            "added_users_count": len(added),
            "removed_users": removed,
            "removed_users_count": len(removed),
        }
        self._events.tell(event)

    def changed(self, person: Person) -> None:
        """Keep a person who was changed, tell every page to look again, and tell the app."""
        self._workspace.save(person)
        self._stream.tell_all({"kind": "channels"})
        user = shapes.person(self._workspace, person, email=False, locale=True)
        self._events.tell({"type": "user_change", "user": user, "cache_ts": int(self._workspace.now())})

    def _changed(self, channel: Channel) -> None:
        """Keep the channel and tell every page to look at its list again."""
        self._workspace.save(channel)
        self._stream.tell_all({"kind": "channels", "channel": channel.id})

    def _notice(self, channel: Channel, person: str, subtype: str, text: str) -> None:
        """Post the grey line Slack writes about such things."""
        ts = self._workspace.messages.next_ts()
        self._posting.post(channel, Message(channel.id, ts, person, text, subtype=subtype))


def _letter(channel: Channel) -> str:
    """Return `C`, `G` or `D`, as the member events have it."""
    return {"channel": "C", "group": "G"}.get(channel.kind, "D")
