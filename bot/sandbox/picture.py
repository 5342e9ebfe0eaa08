"""How the driver and the stream show things: flat, with everything a page or a test looks at."""

from __future__ import annotations

from collections.abc import Iterable

from .messages import thread_figures
from .model import Channel, Message, Person
from .wire import Json
from .workspace import Workspace


def message(workspace: Workspace, shown: Message) -> Json:
    """Return one message; the names are part of the driver's contract."""
    figures = thread_figures(workspace.messages, shown)
    return {
        "channel": shown.channel,
        "ts": shown.ts,
        "thread_ts": shown.thread_ts or (shown.ts if figures else None),
        "user": shown.user,
        "bot_id": shown.bot_id,
        "username": shown.username,
        "icons": shown.icons,
        "text": shown.text,
        "blocks": shown.blocks,
        "attachments": shown.attachments,
        "files": shown.files,
        "metadata": shown.metadata,
        "reactions": shown.reactions,
        "edited": shown.edited,
        "pinned": shown.pinned,
        "mentions": shown.mentions,
        "is_ephemeral": shown.ephemeral_to is not None,
        "reply_count": figures.get("reply_count", 0),
        "reply_users": figures.get("reply_users", []),
        "latest_reply": figures.get("latest_reply"),
        "subtype": "thread_broadcast" if shown.is_reply and shown.broadcast else shown.subtype,
    }


def messages(workspace: Workspace, shown: Iterable[Message], viewer: str | None) -> list[Json]:
    """Return the messages that the viewer (None: nobody in particular) may see."""
    return [message(workspace, each) for each in shown if each.ephemeral_to in (None, viewer)]


def unread(workspace: Workspace, shown: Channel, viewer: str) -> Json:
    """Return how much the viewer has not read and how much of it mentions the viewer."""
    waiting = workspace.messages.unread(shown, viewer) if viewer in shown.members else []
    return {"unread": len(waiting), "mentions": sum(viewer in each.mentions for each in waiting)}


def channel(workspace: Workspace, shown: Channel, viewer: str | None) -> Json:
    """Return one channel as the viewer sees it."""
    body: Json = {
        "id": shown.id,
        "name": shown.name,
        "kind": shown.kind,
        "is_im": shown.is_im,
        "is_private": not shown.is_public,
        "is_member": viewer in shown.members,
        "is_archived": shown.is_archived,
        "topic": shown.topic["value"],
        "purpose": shown.purpose["value"],
        "members": shown.members,
        "bookmarks": shown.bookmarks,
        "last_read": shown.last_read.get(viewer or ""),
        "user": shown.other(viewer) if shown.is_im and viewer else None,
    }
    return body | (unread(workspace, shown, viewer) if viewer else {"unread": 0, "mentions": 0})


def person(workspace: Workspace, shown: Person) -> Json:
    """Return one person."""
    return {
        "id": shown.id,
        "name": shown.name,
        "handle": shown.handle,
        "groups": sorted(group.handle for group in workspace.groups_of(shown.id)),
        "tz": shown.tz,
        "title": shown.title,
        "is_bot": shown.is_bot,
        "is_admin": shown.is_admin,
        "is_restricted": shown.is_restricted,
        "deleted": shown.deleted,
    }
