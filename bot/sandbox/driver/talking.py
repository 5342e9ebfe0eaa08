"""Talking: posting, reacting, reading, joining, deleting; what people do among themselves, told as events."""

from __future__ import annotations

import re

from bot.sandbox.driver.asked import BAD, CONFLICT, Ask, Asked
from bot.sandbox.errors import DriverError
from bot.sandbox.model import Channel, Message, Person
from bot.sandbox.typed import sent
from bot.sandbox.wire import Json

EMOJI = re.compile(r"[a-z0-9_+'\-]{1,100}(::skin-tone-[2-6])?")
LONGEST = 12_000


async def post(asked: Asked) -> Json:
    """Post a message, or a reply with thread_ts."""
    person = asked.actor()
    channel = _writable(asked, person)
    text = asked.text("text")
    if len(text) > LONGEST:
        raise DriverError(BAD, f"text has {len(text)} characters, but Slack's clients send at most {LONGEST}.")
    if refusal := _refused_command(asked, person, text):
        return refusal
    thread_ts = _thread(asked, channel, person)
    message = Message(channel.id, asked.slack.workspace.messages.next_ts(), person.id, sent(text), thread_ts=thread_ts)
    message.broadcast = bool(thread_ts and asked.fields.get("broadcast"))
    asked.slack.posting.post(channel, message)
    return {"ok": True, "channel": channel.id, "ts": message.ts}


async def edit(asked: Asked) -> Json:
    """Edit one's own message."""
    person = asked.actor()
    channel = asked.channel(person)
    message = asked.message(channel, person)
    if message.user != person.id:
        raise DriverError(CONFLICT, f"ts is {message.ts!r}, which is not {person.handle}'s message.")
    asked.slack.posting.reword(channel, message, sent(asked.text("text")))
    return {"ok": True}


async def delete(asked: Asked) -> Json:
    """Delete one's own message; an administrator may delete any."""
    person = asked.actor()
    channel = asked.channel(person)
    message = asked.message(channel, person)
    mine = person.id in (message.user, message.ephemeral_to)
    if not mine and not person.is_admin:
        admins = ", ".join(p.id for p in asked.slack.workspace.people.values() if p.is_admin)
        raise DriverError(CONFLICT, f"{person.handle} may delete only own messages; administrators: {admins}.")
    asked.slack.posting.delete(channel, message)
    return {"ok": True}


async def react(asked: Asked) -> Json:
    """Add a reaction."""
    person, channel, message, name = _reaction(asked)
    return {"ok": True, "changed": asked.slack.posting.react(channel, message, person.id, name)}


async def unreact(asked: Asked) -> Json:
    """Take a reaction back."""
    person, channel, message, name = _reaction(asked)
    return {"ok": True, "changed": asked.slack.posting.unreact(channel, message, person.id, name)}


async def read(asked: Asked) -> Json:
    """Move the unread mark to the message."""
    person = asked.actor()
    channel = asked.channel(person)
    asked.slack.posting.read(channel, person.id, asked.text("ts"))
    return {"ok": True, "last_read": channel.last_read.get(person.id)}


async def join(asked: Asked) -> Json:
    """Join a public channel; with `user`, bring somebody (the bot, too)."""
    person = asked.actor()
    channel = asked.channel(person)
    if channel.is_archived:
        raise DriverError(CONFLICT, f"channel is {channel.name!r}, which is archived.")
    who = asked.person("user") if asked.given("user") else person
    asked.slack.membership.join(channel, who.id, person.id if who is not person else None)
    return {"ok": True, "channel": channel.id}


async def leave(asked: Asked) -> Json:
    """Leave a channel; with `user`, put somebody out (the bot, too)."""
    person = asked.actor()
    channel = asked.channel(person)
    who = asked.person("user") if asked.given("user") else person
    asked.slack.membership.leave(channel, who.id)
    return {"ok": True, "channel": channel.id}


async def open_(asked: Asked) -> Json:
    """Open the direct conversation with `user`."""
    person = asked.actor()
    channel = asked.slack.workspace.direct([person.id, asked.person("user").id])
    asked.slack.stream.tell(channel.members, {"kind": "channels", "channel": channel.id})
    return {"ok": True, "channel": channel.id}


async def create(asked: Asked) -> Json:
    """Create a channel with `name`, private with `is_private`."""
    person = asked.actor()
    name = asked.text("name")
    if not re.fullmatch(r"[a-z0-9_-]{1,80}", name) or asked.slack.workspace.channel_named(name):
        raise DriverError(BAD, f"name is {name!r}, but must be new: up to 80 of a-z, 0-9, - and _.")
    private = bool(asked.fields.get("is_private"))
    return {"ok": True, "channel": asked.slack.membership.create(name, person.id, private=private).id}


async def archive(asked: Asked) -> Json:
    """Archive a channel."""
    return _archived(asked, archived=True)


async def unarchive(asked: Asked) -> Json:
    """Bring an archived channel back."""
    return _archived(asked, archived=False)


def _archived(asked: Asked, *, archived: bool) -> Json:
    channel = asked.channel()
    if channel.is_archived != archived:
        by = asked.person().id if asked.given("as") else channel.creator
        asked.slack.membership.archive(channel, by, archived=archived)
    return {"ok": True, "channel": channel.id, "is_archived": channel.is_archived}


def _writable(asked: Asked, person: Person) -> Channel:
    """Return the channel. Raises DriverError unless the person may write there."""
    channel = asked.channel(person)
    if channel.is_archived:
        raise DriverError(CONFLICT, f"channel is {channel.name!r}, which is archived.")
    if person.id not in channel.members:
        raise DriverError(CONFLICT, f"{person.handle} is not in {channel.name!r}; POST /driver/join first.")
    return channel


def _refused_command(asked: Asked, person: Person, text: str) -> Json | None:
    """Return Slack's refusal where the text is a registered command in a thread; None otherwise."""
    word = text.split(maxsplit=1)[0] if text.strip() else ""
    registered = {command.command for command in asked.slack.config.commands or ()}
    if word not in registered:
        return None
    if not asked.given("thread_ts"):
        raise DriverError(BAD, f"text begins with {word!r}, which is a command; POST /driver/command.")
    shown = f"{word} is not supported in threads. Sorry!"
    asked.slack.stream.tell([person.id], {"kind": "toast", "text": shown, "tone": "error"})
    return {"ok": False, "error": "not_supported_in_threads", "shown": shown}


def _thread(asked: Asked, channel: Channel, person: Person) -> str | None:
    """Return the thread's parent. Raises DriverError when there is none."""
    if asked.given("thread_ts") is None:
        return None
    parent = asked.message(channel, person, "thread_ts")
    return parent.thread_ts or parent.ts


def _reaction(asked: Asked) -> tuple[Person, Channel, Message, str]:
    person = asked.actor()
    channel = asked.channel(person)
    name = asked.text("name").strip(":")
    if not EMOJI.fullmatch(name):
        raise DriverError(BAD, f"name is {name!r}, but must be an emoji's name, like eyes or +1.")
    message = asked.message(channel, person)
    if message.ephemeral_to is not None:
        raise DriverError(CONFLICT, f"ts is {message.ts!r}, which only {person.handle} sees; nobody can react to it.")
    return person, channel, message, name


ROUTES: dict[str, Ask] = {
    "POST /driver/post": Ask(post, "as channel text thread_ts broadcast"),
    "POST /driver/edit": Ask(edit, "as channel ts text"),
    "POST /driver/delete": Ask(delete, "as channel ts"),
    "POST /driver/react": Ask(react, "as channel ts name"),
    "POST /driver/unreact": Ask(unreact, "as channel ts name"),
    "POST /driver/read": Ask(read, "as channel ts"),
    "POST /driver/join": Ask(join, "as channel user"),
    "POST /driver/leave": Ask(leave, "as channel user"),
    "POST /driver/open": Ask(open_, "as user"),
    "POST /driver/create": Ask(create, "as name is_private"),
    "POST /driver/archive": Ask(archive, "as channel"),
    "POST /driver/unarchive": Ask(unarchive, "as channel"),
}
