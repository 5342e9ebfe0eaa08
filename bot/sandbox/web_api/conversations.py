"""conversations.*: the channels themselves. What is said in them is in history.py."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.sandbox import cast, shapes
from bot.sandbox.errors import SlackError
from bot.sandbox.model import Channel
from bot.sandbox.web_api.call import Call, Method, page
from bot.sandbox.wire import Json

LONGEST_NAME = 80
LONGEST_TOPIC = 250
MOST_INVITED = 100
MOST_IN_GROUP = 9
NAME = re.compile(r"[^\W_]?[\w-]*", re.UNICODE)
TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
WRITE = ("channels:manage", "channels:write", "groups:write", "im:write", "mpim:write")
READ = ("channels:read", "groups:read", "im:read", "mpim:read")
TOPIC = ("channels:write.topic", "groups:write.topic", "mpim:write.topic", "im:write.topic", *WRITE)
INVITE = ("channels:write.invites", "groups:write.invites", *WRITE)


def list_(call: Call) -> Json:
    """Answer conversations.list."""
    return _listed(call, lambda channel: channel.is_public or cast.BOT_USER in channel.members)


def of_bot(call: Call) -> Json:
    """Answer users.conversations for the bot or the named person."""
    person = call.given("user") or cast.BOT_USER
    return _listed(call, lambda channel: person in channel.members and _known(channel))


def info(call: Call) -> Json:
    """Answer conversations.info."""
    channel = call.channel()
    call.needs_for(channel, "read")
    return {"channel": _shown(call, channel, members=call.flag("include_num_members"))}


def members(call: Call) -> Json:
    """Answer conversations.members."""
    channel = call.channel()
    call.needs_for(channel, "read")
    people, cursor = page(call, sorted(channel.members), str, default=100, most=1000)
    return {"members": people, "response_metadata": {"next_cursor": cursor}}


def create(call: Call) -> Json:
    """Answer conversations.create."""
    name = _free_name(call)
    private = call.flag("is_private")
    call.needs(*(("groups:write",) if private else ("channels:manage", "channels:write")))
    return {"channel": _shown(call, call.slack.membership.create(name, cast.BOT_USER, private=private))}


def rename(call: Call) -> Json:
    """Answer conversations.rename."""
    channel = _writable(call)
    call.slack.membership.rename(channel, cast.BOT_USER, _free_name(call))
    return {"channel": _shown(call, channel)}


def archive(call: Call) -> Json:
    """Answer conversations.archive."""
    channel = call.joined(_named_kind(call.channel()))
    if channel.is_general:
        raise SlackError("cant_archive_general")
    if channel.is_archived:
        raise SlackError("already_archived")
    call.slack.membership.archive(channel, cast.BOT_USER, archived=True)
    return {}


def unarchive(call: Call) -> Json:
    """Answer conversations.unarchive."""
    channel = call.channel()
    if not channel.is_archived:
        raise SlackError("not_archived")
    call.slack.membership.archive(channel, cast.BOT_USER, archived=False)
    return {}


def set_topic(call: Call) -> Json:
    """Answer conversations.setTopic."""
    return _describe(call, "topic")


def set_purpose(call: Call) -> Json:
    """Answer conversations.setPurpose."""
    return _describe(call, "purpose")


def invite(call: Call) -> Json:
    """Answer conversations.invite: all or, with `force`, those that can be."""
    channel, users = _writable(call), call.listed("users")
    if not users:
        raise SlackError("no_user")
    if len(users) > MOST_INVITED:
        raise SlackError.arguments(f"must be at most {MOST_INVITED} users [json-pointer:/users]")
    errors: list[Json] = [{"user": u, "ok": False, "error": e} for u in users if (e := _obstacle(call, channel, u))]
    if errors and not (call.flag("force") and len(errors) < len(users)):
        raise SlackError(errors[0]["error"], errors=errors)
    for user in users:
        if not _obstacle(call, channel, user):
            call.slack.membership.join(channel, user, cast.BOT_USER)
    return {"channel": _shown(call, channel)} | ({"errors": errors} if errors else {})


def kick(call: Call) -> Json:
    """Answer conversations.kick."""
    channel = call.joined(_named_kind(call.channel()))
    person = call.person()
    if person.id == cast.BOT_USER:
        raise SlackError("cant_kick_self")
    if channel.is_general:
        raise SlackError("cant_kick_from_general")
    if person.id not in channel.members:
        raise SlackError("not_in_channel")
    call.slack.membership.leave(channel, person.id)
    return {"errors": {}}


def join(call: Call) -> Json:
    """Answer conversations.join."""
    channel = call.channel()
    if not channel.is_public:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    already = cast.BOT_USER in channel.members
    call.slack.membership.join(channel, cast.BOT_USER)
    warning = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
    return {"channel": _shown(call, channel)} | (warning if already else {})


def leave(call: Call) -> Json:
    """Answer conversations.leave."""
    channel = _named_kind(call.channel())
    if channel.is_general:
        raise SlackError("cant_leave_general")
    if channel.is_archived:
        raise SlackError("is_archived")
    if cast.BOT_USER not in channel.members:
        return {"not_in_channel": True}
    call.slack.membership.leave(channel, cast.BOT_USER)
    return {}


def open_(call: Call) -> Json:
    """Answer conversations.open: the direct conversation with one person or several."""
    users = call.listed("users")
    if call.given("channel"):
        channel = call.channel()
        users = [member for member in channel.members if member != cast.BOT_USER]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) >= MOST_IN_GROUP:
        raise SlackError("too_many_users")
    if any(user not in call.slack.workspace.people for user in users):
        raise SlackError("user_not_found")
    if any(call.slack.workspace.people[user].deleted for user in users):
        raise SlackError("user_disabled")
    before = set(call.slack.workspace.channels)
    channel = call.slack.workspace.direct([*users, cast.BOT_USER])
    known = {"no_op": True, "already_open": True} if channel.id in before else {}
    return known | {"channel": _shown(call, channel) if call.flag("return_im") else {"id": channel.id}}


def _listed(call: Call, wanted: Callable[[Channel], bool]) -> Json:
    """Return a page of the wanted channels of the asked types."""
    types = call.listed("types") or ["public_channel"]
    if not set(types) <= set(TYPES):
        raise SlackError("invalid_types")
    kinds = {TYPES[type_] for type_ in types}
    for kind in kinds:
        call.needs({"channel": "channels", "group": "groups"}.get(kind, kind) + ":read")
    archived = not call.flag("exclude_archived")
    found = [c for c in call.slack.workspace.channels.values() if c.kind in kinds and wanted(c)]
    channels = sorted((c for c in found if archived or not c.is_archived), key=lambda c: c.id)
    shown, cursor = page(call, channels, lambda c: c.id, default=100, most=1000)
    return {
        "channels": [_shown(call, channel, members=True) for channel in shown],
        "response_metadata": {"next_cursor": cursor},
    }


def _known(channel: Channel) -> bool:
    return channel.is_public or cast.BOT_USER in channel.members


def _shown(call: Call, channel: Channel, *, members: bool = False) -> Json:
    return shapes.channel(call.slack.workspace, channel, cast.BOT_USER, members=members)


def _writable(call: Call) -> Channel:
    """Return a named channel that the bot is in and that is not archived."""
    channel = call.joined(_named_kind(call.channel()))
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def _named_kind(channel: Channel) -> Channel:
    """Return the channel. Raises method_not_supported_for_channel_type for a direct conversation."""
    if channel.kind in ("im", "mpim"):
        raise SlackError("method_not_supported_for_channel_type")
    return channel


def _free_name(call: Call) -> str:
    """Return the wanted name. Raises Slack's code for what is wrong with it."""
    name = call.text("name")
    if not name.strip():
        raise SlackError("invalid_name_required")
    if len(name) > LONGEST_NAME:
        raise SlackError("invalid_name_maxlength")
    if not re.search(r"\w", name):
        raise SlackError("invalid_name_punctuation")
    if not NAME.fullmatch(name) or name != name.lower():
        raise SlackError("invalid_name_specials")
    if call.slack.workspace.channel_named(name) is not None:
        raise SlackError("name_taken")
    return name


def _obstacle(call: Call, channel: Channel, user: str) -> str | None:
    """Return why the person cannot be invited, or None."""
    person = call.slack.workspace.people.get(user)
    if person is None or person.deleted:
        return "user_not_found"
    if user == cast.BOT_USER:
        return "cant_invite_self"
    return "already_in_channel" if user in channel.members else None


def _describe(call: Call, what: str) -> Json:
    channel = _writable(call)
    value = call.text(what)
    if len(value) > LONGEST_TOPIC:
        raise SlackError("too_long")
    call.slack.membership.describe(channel, cast.BOT_USER, what, value)
    return {what: value, "channel": _shown(call, channel)}


METHODS = (
    Method("conversations.list", list_, READ, takes_json=False),
    Method("users.conversations", of_bot, READ, takes_json=False),
    Method("conversations.info", info, READ, ("channel",), takes_json=False),
    Method("conversations.members", members, READ, ("channel",), takes_json=False),
    Method("conversations.create", create, WRITE, ("name",)),
    Method("conversations.rename", rename, WRITE, ("channel", "name")),
    Method("conversations.archive", archive, WRITE, ("channel",)),
    Method("conversations.unarchive", unarchive, WRITE, ("channel",)),
    Method("conversations.setTopic", set_topic, TOPIC, ("channel", "topic")),
    Method("conversations.setPurpose", set_purpose, TOPIC, ("channel", "purpose")),
    Method("conversations.invite", invite, INVITE, ("channel", "users")),
    Method("conversations.kick", kick, WRITE, ("channel", "user")),
    Method("conversations.join", join, ("channels:join",), ("channel",)),
    Method("conversations.leave", leave, WRITE, ("channel",)),
    Method("conversations.open", open_, WRITE),
)
