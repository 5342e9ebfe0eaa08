"""What sticks to messages and channels: reactions, pins, bookmarks."""

from __future__ import annotations

import re

from bot.sandbox import cast, shapes
from bot.sandbox.errors import SlackError
from bot.sandbox.model import Channel, Message
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.web_api.chat import permalink
from bot.sandbox.wire import Json
from bot.sandbox.workspace import new_id

EMOJI = re.compile(r"[a-z0-9_+'\-]{1,100}(::skin-tone-[2-6])?")
MOST_EMOJI = 23
MOST_PINS = 100
MOST_BOOKMARKS = 100


def add_reaction(call: Call) -> Json:
    """Answer reactions.add."""
    channel, message, name = *_item(call), _emoji(call)
    if channel.is_archived:
        raise SlackError("is_archived")
    known = {reaction["name"] for reaction in message.reactions}
    if name not in known and len(known) >= MOST_EMOJI:
        raise SlackError("too_many_emoji")
    if not call.slack.posting.react(channel, message, cast.BOT_USER, name):
        raise SlackError("already_reacted")
    return {}


def remove_reaction(call: Call) -> Json:
    """Answer reactions.remove."""
    channel, message, name = *_item(call), _emoji(call)
    if not call.slack.posting.unreact(channel, message, cast.BOT_USER, name):
        raise SlackError("no_reaction")
    return {}


def get_reactions(call: Call) -> Json:
    """Answer reactions.get."""
    channel, message = _item(call)
    link = {"permalink": permalink(call.slack.config.base_url, message)}
    return {"type": "message", "channel": channel.id, "message": shapes.message(call.slack.workspace, message) | link}


def add_pin(call: Call) -> Json:
    """Answer pins.add."""
    channel, message = _item(call)
    call.joined(channel)
    if message.pinned:
        raise SlackError("already_pinned")
    if len(_pinned(call, channel)) >= MOST_PINS:
        raise SlackError("too_many_pins")
    call.slack.posting.pin(channel, message, cast.BOT_USER, pinned=True)
    return {}


def remove_pin(call: Call) -> Json:
    """Answer pins.remove."""
    channel, message = _item(call)
    if not message.pinned:
        raise SlackError("no_pin")
    call.slack.posting.pin(channel, message, cast.BOT_USER, pinned=False)
    return {}


def list_pins(call: Call) -> Json:
    """Answer pins.list."""
    channel = call.channel()
    return {"items": [_pin(call, message) for message in _pinned(call, channel)]}


def add_bookmark(call: Call) -> Json:
    """Answer bookmarks.add; links only, as in practice."""
    channel = call.channel("channel_id")
    if call.text("type") != "link":
        raise SlackError("invalid_bookmark_type")
    _check_link(call.text("link"))
    if len(channel.bookmarks) >= MOST_BOOKMARKS:
        raise SlackError("too_many_bookmarks")
    bookmark: Json = {
        "id": new_id("Bk"),
        "channel_id": channel.id,
        "title": call.text("title"),
        "link": call.text("link"),
    }
    bookmark |= {"emoji": call.text("emoji"), "icon_url": None, "type": "link", "entity_id": None, "rank": "g"}
    bookmark |= {"date_created": int(call.slack.workspace.now()), "date_updated": 0, "app_id": cast.APP}
    bookmark |= {"last_updated_by_user_id": cast.BOT_USER, "last_updated_by_team_id": cast.TEAM, "shortcut_id": None}
    channel.bookmarks.append(bookmark)
    _changed(call, channel)
    return {"bookmark": bookmark}


def edit_bookmark(call: Call) -> Json:
    """Answer bookmarks.edit."""
    channel, bookmark = _bookmark(call)
    if link := call.given("link"):
        _check_link(link)
    bookmark |= {name: call.text(name) for name in ("title", "link", "emoji") if call.given(name)}
    bookmark["date_updated"] = int(call.slack.workspace.now())
    _changed(call, channel)
    return {"bookmark": bookmark}


def remove_bookmark(call: Call) -> Json:
    """Answer bookmarks.remove."""
    channel, bookmark = _bookmark(call)
    channel.bookmarks.remove(bookmark)
    _changed(call, channel)
    return {}


def list_bookmarks(call: Call) -> Json:
    """Answer bookmarks.list."""
    return {"bookmarks": call.channel("channel_id").bookmarks}


def _item(call: Call) -> tuple[Channel, Message]:
    """Return the message that channel and timestamp name."""
    channel = call.channel()
    if not call.given("timestamp"):
        raise SlackError("no_item_specified")
    if not re.fullmatch(r"\d+\.\d+", call.text("timestamp")):
        raise SlackError("bad_timestamp")
    return channel, call.message(channel, "timestamp")


def _emoji(call: Call) -> str:
    """Return the emoji's name without colons. Raises invalid_name."""
    name = call.text("name").strip(":")
    if not EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    return name


def _pinned(call: Call, channel: Channel) -> list[Message]:
    return [message for message in call.slack.workspace.messages.everything(channel.id) if message.pinned]


def _pin(call: Call, message: Message) -> Json:
    link = {"permalink": permalink(call.slack.config.base_url, message)}
    body = shapes.message(call.slack.workspace, message) | link
    return {"type": "message", "channel": message.channel, "message": body, **(message.pinned or {})}


def _bookmark(call: Call) -> tuple[Channel, Json]:
    channel = call.channel("channel_id")
    found = next((b for b in channel.bookmarks if b["id"] == call.text("bookmark_id")), None)
    if found is None:
        raise SlackError("not_found")
    return channel, found


def _check_link(link: str) -> None:
    if not re.match(r"https?://\S", link):
        raise SlackError("invalid_link")


def _changed(call: Call, channel: Channel) -> None:
    call.slack.workspace.save(channel)
    call.slack.stream.tell_all({"kind": "channels", "channel": channel.id})


METHODS = (
    Method("reactions.add", add_reaction, ("reactions:write",), ("channel", "name", "timestamp")),
    Method("reactions.remove", remove_reaction, ("reactions:write",), ("name",)),
    Method("reactions.get", get_reactions, ("reactions:read",), takes_json=False),
    Method("pins.add", add_pin, ("pins:write",), ("channel",)),
    Method("pins.remove", remove_pin, ("pins:write",), ("channel",)),
    Method("pins.list", list_pins, ("pins:read",), ("channel",), takes_json=False),
    Method("bookmarks.add", add_bookmark, ("bookmarks:write",), ("channel_id", "title", "type")),
    Method("bookmarks.edit", edit_bookmark, ("bookmarks:write",), ("channel_id", "bookmark_id")),
    Method("bookmarks.remove", remove_bookmark, ("bookmarks:write",), ("channel_id", "bookmark_id")),
    Method("bookmarks.list", list_bookmarks, ("bookmarks:read",), ("channel_id",)),
)
