"""How Slack shows what the workspace holds: the objects of the Web API and of payloads.

Pure functions from our records to Slack's JSON; the members are those of Slack's documented examples.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from . import cast
from .messages import thread_figures
from .model import Channel, Group, Message, Person
from .wire import Json
from .workspace import Workspace


def message(workspace: Workspace, shown: Message, *, metadata: bool = False) -> Json:
    """Return the message as history, payloads and events carry it; metadata only where it was asked for."""
    body: Json = {"type": "message", "user": shown.user, "text": shown.text, "ts": shown.ts, "team": cast.TEAM}
    body |= _authorship(workspace, shown)
    optional = {
        "subtype": shown.subtype,
        "thread_ts": shown.thread_ts,
        "blocks": shown.blocks,
        "attachments": shown.attachments,
        "files": shown.files,
        "edited": shown.edited,
        "metadata": shown.metadata if metadata else None,
        "reactions": [{**r, "count": len(r["users"])} for r in shown.reactions] or None,
        "pinned_to": [shown.channel] if shown.pinned else None,
    }
    body |= {name: value for name, value in optional.items() if value is not None}
    return body | _thread(workspace, shown)


def _authorship(workspace: Workspace, shown: Message) -> Json:
    """Return what only an app's message has."""
    if shown.bot_id is None:
        return {}
    found: Json = {"bot_id": shown.bot_id, "app_id": cast.APP, "bot_profile": bot_profile(workspace)}
    optional = {"username": shown.username, "icons": shown.icons}
    return found | {name: value for name, value in optional.items() if value is not None}


def _thread(workspace: Workspace, shown: Message) -> Json:
    """Return a parent's figures, a reply's parent, or nothing."""
    if shown.is_reply:
        parent = workspace.messages.find(shown.channel, str(shown.thread_ts))
        return {"parent_user_id": parent.user} if parent else {}
    figures = thread_figures(workspace.messages, shown)
    return figures | {"thread_ts": shown.ts, "is_locked": False, "subscribed": False} if figures else {}


def bot_profile(workspace: Workspace) -> Json:
    """Return the bot as it stands beside its messages."""
    return {
        "id": cast.BOT,
        "app_id": cast.APP,
        "user_id": cast.BOT_USER,
        "name": workspace.bot.name,
        "icons": {f"image_{size}": f"https://a.slack-edge.com/img/bot_{size}.png" for size in (36, 48, 72)},
        "deleted": False,
        "updated": 0,
        "team_id": cast.TEAM,
    }


def person(workspace: Workspace, shown: Person, *, email: bool = True, locale: bool = False) -> Json:
    """Return the person as users.info does; the e-mail address needs its own scope."""
    here = datetime.fromtimestamp(workspace.now(), ZoneInfo(shown.tz))
    offset = here.utcoffset()
    body: Json = {
        "id": shown.id,
        "team_id": cast.TEAM,
        "name": shown.handle,
        "deleted": shown.deleted,
        "color": "9f69e7",
        "real_name": shown.name,
        "tz": shown.tz,
        "tz_label": here.tzname() or shown.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": _profile(shown, email=email),
        "is_admin": shown.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": shown.is_restricted,
        "is_ultra_restricted": shown.is_ultra_restricted,
        "is_bot": shown.is_bot,
        "is_app_user": False,
        "is_email_confirmed": not shown.is_bot,
        "updated": 0,
        "who_can_share_contact_card": "EVERYONE",
    }
    return body | ({"locale": "en-GB"} if locale else {})


def _profile(shown: Person, *, email: bool) -> Json:
    """Return the profile within a person."""
    body: Json = {
        "title": shown.title,
        "phone": "",
        "skype": "",
        "real_name": shown.name,
        "real_name_normalized": shown.name,
        "display_name": shown.handle,
        "display_name_normalized": shown.handle,
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "avatar_hash": shown.id[-6:].lower(),
        "first_name": shown.name.split(" ")[0],
        "last_name": shown.name.split(" ")[-1],
        "team": cast.TEAM,
    }
    body |= {f"image_{size}": f"https://a.slack-edge.com/avatars/{size}.png" for size in (24, 32, 48, 72, 192, 512)}
    if shown.is_bot:
        body |= {"bot_id": shown.bot_id, "api_app_id": cast.APP, "always_active": True}
    return body | ({"email": shown.email} if email and shown.email else {})


def group(shown: Group, *, users: bool = False, count: bool = False) -> Json:
    """Return the usergroup as usergroups.list does."""
    body: Json = {
        "id": shown.id,
        "team_id": cast.TEAM,
        "is_usergroup": True,
        "is_subteam": True,
        "name": shown.name,
        "description": shown.description,
        "handle": shown.handle,
        "is_external": False,
        "date_create": shown.created,
        "date_update": shown.updated,
        "date_delete": 0,
        "auto_type": None,
        "auto_provision": False,
        "enterprise_subteam_id": "",
        "created_by": cast.SELMA,
        "updated_by": cast.SELMA,
        "deleted_by": None,
        "prefs": {"channels": [], "groups": []},
    }
    return body | ({"users": shown.users} if users else {}) | ({"user_count": len(shown.users)} if count else {})


def channel(workspace: Workspace, shown: Channel, viewer: str, *, members: bool = False) -> Json:
    """Return the conversation as conversations.info does, seen by `viewer`."""
    body: Json = {
        "id": shown.id,
        "created": shown.created,
        "is_archived": shown.is_archived,
        "is_im": shown.is_im,
        "is_org_shared": False,
        "context_team_id": cast.TEAM,
        "updated": shown.created * 1000,
    }
    body |= _direct(workspace, shown, viewer) if shown.is_im else _named(shown, viewer)
    return body | ({"num_members": len(shown.members)} if members else {})


def _direct(workspace: Workspace, shown: Channel, viewer: str) -> Json:
    """Return what only a direct message has."""
    return {
        "user": shown.other(viewer),
        "is_user_deleted": workspace.people[shown.other(viewer)].deleted,
        "last_read": shown.last_read.get(viewer, "0000000000.000000"),
        "unread_count": 0,
        "unread_count_display": 0,
        "is_open": True,
        "priority": 0,
    }


def _named(shown: Channel, viewer: str) -> Json:
    """Return what only a channel, a private channel or a group conversation has."""
    return {
        "name": shown.name,
        "name_normalized": shown.name,
        "is_channel": shown.kind == "channel",
        "is_group": shown.kind == "group",
        "is_mpim": shown.kind == "mpim",
        "is_private": not shown.is_public,
        "is_general": shown.is_general,
        "is_member": viewer in shown.members,
        "creator": shown.creator,
        "unlinked": 0,
        "is_shared": False,
        "is_frozen": False,
        "is_ext_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "pending_connected_team_ids": [],
        "parent_conversation": None,
        "shared_team_ids": [cast.TEAM],
        "topic": shown.topic,
        "purpose": shown.purpose,
        "previous_names": shown.previous_names,
    }


def payload_channel(shown: Channel) -> Json:
    """Return id and name as interactions and commands carry them."""
    name = {"im": "directmessage", "group": "privategroup", "mpim": "privategroup"}.get(shown.kind, shown.name)
    return {"id": shown.id, "name": name}


def payload_user(shown: Person) -> Json:
    """Return the person as interactions carry them."""
    return {"id": shown.id, "username": shown.handle, "name": shown.handle, "team_id": cast.TEAM}


def payload_team() -> Json:
    """Return the team as interactions carry it."""
    return {"id": cast.TEAM, "domain": cast.TEAM_DOMAIN}
