"""chat.*: the messages an app posts, changes and deletes; only its own, only where it is a member."""

from __future__ import annotations

import re

from bot.sandbox import cast, shapes
from bot.sandbox.drafts import LONGEST_TEXT, Content, draft, refusal
from bot.sandbox.errors import SlackError
from bot.sandbox.model import Channel, Message
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.wire import Json

LONGEST_EDIT = 4_000
TS = re.compile(r"\d{10}\.\d{6}")


def post_message(call: Call) -> Json:
    """Answer chat.postMessage."""
    channel = _addressed(call)
    if channel.is_archived:
        raise SlackError("is_archived")
    _may_post(call, channel)
    content = _content(call)
    if content.is_empty:
        raise SlackError("no_text")
    thread_ts = _thread(call, channel)
    message = _message(call, channel, content, thread_ts)
    message.broadcast = bool(thread_ts) and call.flag("reply_broadcast")
    call.slack.posting.post(channel, message)
    return {"channel": channel.id, "ts": message.ts, "message": _shown(call, message)}


def post_ephemeral(call: Call) -> Json:
    """Answer chat.postEphemeral."""
    channel = _addressed(call)
    if channel.is_archived:
        raise SlackError("is_archived")
    _may_post(call, channel)
    if call.text("user") not in channel.members:
        raise SlackError("user_not_in_channel")
    content = _content(call)
    if content.is_empty:
        raise SlackError("no_text")
    if len(content.text or "") > LONGEST_TEXT:
        raise SlackError("msg_too_long")
    message = _message(call, channel, content, call.given("thread_ts"))
    message.ephemeral_to = call.text("user")
    call.slack.posting.post(channel, message)
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """Answer chat.update: fields that are not sent stay as they were."""
    channel = call.channel()
    message = call.message(channel)
    if message.bot_id != cast.BOT:
        raise SlackError("cant_update_message")
    if channel.is_archived:
        raise SlackError("is_inactive")
    content = _content(call)
    if len(content.text or "") > LONGEST_EDIT:
        raise SlackError("msg_too_long")
    previous = shapes.message(call.slack.workspace, message)
    _apply(message, content)
    message.edited = {"user": cast.BOT_USER, "ts": call.slack.workspace.messages.next_ts()}
    call.slack.posting.edit(channel, message, previous)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": _shown(call, message)}


def delete(call: Call) -> Json:
    """Answer chat.delete."""
    channel = call.channel()
    message = call.message(channel)
    if message.bot_id != cast.BOT or channel.is_archived:
        raise SlackError("cant_delete_message")
    call.slack.posting.delete(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(call: Call) -> Json:
    """Answer chat.getPermalink: a link that opens the message in the local page."""
    channel = call.channel()
    message = call.message(channel, "message_ts")
    return {"channel": channel.id, "permalink": permalink(call.slack.config.base_url, message)}


def permalink(base_url: str, message: Message) -> str:
    """Return a message's address, of the shape of Slack's own."""
    link = f"{base_url}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return link + (f"?thread_ts={message.thread_ts}&cid={message.channel}" if message.is_reply else "")


def _content(call: Call) -> Content:
    """Return what is said. Raises what is wrong with it; a file that cannot be shown yet is that, too."""
    content = draft(call.arguments)
    if problems := call.slack.files.unusable(content.blocks):
        raise refusal(problems, "invalid_blocks")
    return content


def _addressed(call: Call) -> Channel:
    """Return the conversation: by id, by name, or the direct one with a person. Raises channel_not_found."""
    word = call.text("channel")
    workspace = call.slack.workspace
    if word in workspace.people:
        return workspace.direct([word, cast.BOT_USER])
    channel = workspace.channel_named(word)
    if channel is None or not (channel.is_public or cast.BOT_USER in channel.members):
        raise SlackError("channel_not_found")
    return channel


def _may_post(call: Call, channel: Channel) -> None:
    """Raise not_in_channel unless the bot is a member, or may write to public channels from outside."""
    outside = call.slack.config.scopes is not None and "chat:write.public" in call.slack.config.scopes
    if cast.BOT_USER not in channel.members and not (channel.is_public and outside):
        raise SlackError("not_in_channel")


def _thread(call: Call, channel: Channel) -> str | None:
    """Return the thread to post in: a reply's own parent, when a reply was named."""
    ts = call.given("thread_ts")
    if ts is None:
        return None
    if not TS.fullmatch(ts):
        messages = {"messages": [f"[ERROR] {ts} is not a valid thread_ts"]}
        raise SlackError("invalid_thread_ts", response_metadata=messages)
    parent = call.slack.workspace.messages.find(channel.id, ts)
    if parent is None:
        raise SlackError("thread_not_found")
    if parent.ephemeral_to is not None:
        raise SlackError("cannot_reply_to_message")
    return parent.thread_ts or parent.ts


def _message(call: Call, channel: Channel, content: Content, thread_ts: str | None) -> Message:
    """Return the bot's new message."""
    message = Message(channel.id, call.slack.workspace.messages.next_ts(), cast.BOT_USER, bot_id=cast.BOT)
    message.text = (content.text or "")[:LONGEST_TEXT]
    message.blocks, message.attachments = content.blocks or None, content.attachments or None
    message.metadata, message.thread_ts = content.metadata or None, thread_ts
    if call.given("username") or call.given("icon_emoji") or call.given("icon_url"):
        call.needs("chat:write.customize")
        message.username = call.given("username")
        icons = {"emoji": call.given("icon_emoji"), "image_64": call.given("icon_url")}
        message.icons = {name: value for name, value in icons.items() if value} or None
    return message


def _apply(message: Message, content: Content) -> None:
    """Change what was sent; `[]` and `{}` remove, silence keeps. Raises no_text when nothing would be left."""
    text = message.text if content.text is None else content.text
    blocks = message.blocks if content.blocks is None else content.blocks
    attachments = message.attachments if content.attachments is None else content.attachments
    said = (content.text, content.blocks, content.attachments, content.metadata)
    if not (text or blocks or attachments) or all(each is None for each in said):
        raise SlackError("no_text")
    message.text, message.blocks, message.attachments = text, blocks or None, attachments or None
    if content.metadata is not None:
        message.metadata = content.metadata or None


def _shown(call: Call, message: Message) -> Json:
    return shapes.message(call.slack.workspace, message, metadata=True)


WRITE = ("chat:write",)
METHODS = (
    Method("chat.postMessage", post_message, WRITE, ("channel",)),
    Method("chat.postEphemeral", post_ephemeral, WRITE, ("channel", "user")),
    Method("chat.update", update, WRITE, ("channel", "ts")),
    Method("chat.delete", delete, WRITE, ("channel", "ts")),
    Method("chat.getPermalink", get_permalink, (), ("channel", "message_ts"), takes_json=False),
)
