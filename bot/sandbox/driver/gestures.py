"""Gestures: typing a command, pressing, choosing, submitting, closing; what the app hears of."""

from __future__ import annotations

import re

from bot.sandbox import cast
from bot.sandbox.driver.asked import BAD, CONFLICT, MISSING, Ask, Asked
from bot.sandbox.elements import Placed, chosen, placed
from bot.sandbox.errors import DriverError
from bot.sandbox.model import Person
from bot.sandbox.typed import escaped
from bot.sandbox.views import View
from bot.sandbox.wire import Json

COMMAND = re.compile(r"(/\S+)\s*(.*)", re.DOTALL)
VALUES = (
    "selected_option",
    "selected_options",
    "selected_user",
    "selected_users",
    "selected_channel",
    "selected_channels",
    "selected_conversation",
    "selected_conversations",
    "selected_date",
    "selected_time",
    "selected_date_time",
    "rich_text_value",
    "value",
)
UNKNOWN = (
    '`{0}` is not a valid command. In Slack, all messages that start with the "/" character are interpreted as '
    "commands. If you are trying to send a message and not run a command, try preceding the “/” with an empty space."
)


async def command(asked: Asked) -> Json:
    """Type a slash command."""
    person = asked.actor()
    channel = asked.channel(person)
    typed = COMMAND.fullmatch(asked.text("text").strip())
    if typed is None:
        raise DriverError(BAD, f"text is {asked.text('text')!r}, but a command begins with a slash, like /deploy.")
    if asked.given("thread_ts"):
        return _not_in_threads(asked, person, typed[1])
    if channel.is_archived or person.id not in channel.members:
        raise DriverError(CONFLICT, f"{person.handle} cannot write in {channel.name or channel.id}.")
    registered = asked.slack.config.commands
    known = next((c for c in registered or () if c.command == typed[1]), None)
    if registered is not None and known is None:
        shown = UNKNOWN.format(typed[1])
        asked.slack.interactions.slackbot(person, channel, shown)
        return {"ok": False, "error": "unknown_command", "shown": shown}
    text = escaped(asked.slack.workspace, typed[2]) if known and known.should_escape else typed[2]
    return await asked.slack.interactions.command(person, channel, typed[1], text.strip())


async def press(asked: Asked) -> Json:
    """Use an element of a message or, with view_id, of a view."""
    person = asked.actor()
    if asked.given("view_id"):
        view = asked.view(person)
        part = _element(asked, view.blocks, f"view {view.id}")
        return await asked.slack.interactions.press_view(person, view, part, _value(asked, person, part))
    channel = asked.channel(person)
    message = asked.message(channel, person)
    attached = [block for each in message.attachments or [] for block in each.get("blocks") or []]
    part = _element(asked, [*(message.blocks or []), *attached], f"message {message.ts}")
    value = _value(asked, person, part)
    shown = await asked.slack.interactions.press(person, channel, message, part, value)
    return shown | ({"url": part.element["url"]} if "url" in part.element else {})


async def suggest(asked: Asked) -> Json:
    """Ask for an external select's options."""
    person = asked.actor()
    word = str(asked.fields.get("value") or "")
    if asked.given("view_id"):
        view = asked.view(person)
        where: Json = {"container": {"type": "view", "view_id": view.id}, "view": view.shown()}
        return await asked.slack.interactions.suggest(person, _element(asked, view.blocks, "the view"), word, where)
    channel = asked.channel(person)
    message = asked.message(channel, person)
    container = {"type": "message", "message_ts": message.ts, "channel_id": channel.id, "is_ephemeral": False}
    where = {"container": container, "channel": {"id": channel.id, "name": channel.name}}
    part = _element(asked, message.blocks or [], f"message {message.ts}")
    return await asked.slack.interactions.suggest(person, part, word, where)


async def submit(asked: Asked) -> Json:
    """Fill in and submit a modal; `values` by block and action, or by either id alone."""
    person = asked.actor()
    view = asked.view(person)
    _top(asked, person, view)
    values = asked.fields.get("values") or {}
    if not isinstance(values, dict):
        raise DriverError(BAD, f"values is {values!r}, but must be an object of values by block_id or action_id.")
    for key, raw in values.items():
        _enter(asked, person, view, key, raw)
    return await asked.slack.interactions.submit(person, view)


async def close(asked: Asked) -> Json:
    """Close a modal by hand; `all` closes the whole stack."""
    person = asked.actor()
    view = asked.view(person)
    _top(asked, person, view)
    everything = bool(asked.fields.get("all") or view.body.get("clear_on_close"))
    return await asked.slack.interactions.close(person, view, everything=everything)


async def shortcut(asked: Asked) -> Json:
    """Use a global shortcut or, with channel and ts, one on a message."""
    person, payloads = asked.actor(), asked.slack.interactions.payloads
    callback_id = asked.text("callback_id")
    if asked.given("channel"):
        channel = asked.channel(person)
        message = asked.message(channel, person)
        payload = payloads.message_shortcut(person, callback_id, channel, message)
    else:
        payload = payloads.shortcut(person, callback_id)
    return await asked.slack.interactions.shortcut(person, payload)


async def home(asked: Asked) -> Json:
    """Open the App Home; the app hears app_home_opened."""
    person = asked.actor()
    view = asked.slack.views.home(person.id)
    channel = asked.slack.workspace.direct([person.id, cast.BOT_USER])
    event: Json = {"type": "app_home_opened", "user": person.id, "channel": channel.id, "tab": "home"}
    asked.slack.events.tell(event | ({"view": view.shown()} if view else {}), channel)
    return {"ok": True, "channel": channel.id}


def _not_in_threads(asked: Asked, person: Person, word: str) -> Json:
    """Return Slack's refusal of a command in a thread."""
    shown = f"{word} is not supported in threads. Sorry!"
    asked.slack.stream.tell([person.id], {"kind": "toast", "text": shown, "tone": "error"})
    return {"ok": False, "error": "not_supported_in_threads", "shown": shown}


def _element(asked: Asked, blocks: list[Json], where: str) -> Placed:
    """Return the element that action_id (and block_id, and value) name. Raises DriverError naming what there is."""
    action_id, block_id = asked.text("action_id"), asked.given("block_id")
    parts = list(placed(blocks))
    found = [p for p in parts if p.action_id == action_id and block_id in (None, p.block_id)]
    if not found:
        known = ", ".join(sorted({p.action_id for p in parts})) or "none"
        raise DriverError(MISSING, f"action_id is {action_id!r}, which {where} does not have; it has {known}.")
    if len(found) > 1 and asked.given("value"):
        found = [p for p in found if str(p.element.get("value")) == asked.given("value")] or found
    if len(found) > 1:
        known = ", ".join(p.block_id for p in found)
        raise DriverError(CONFLICT, f"action_id {action_id!r} is in several blocks; say block_id: {known}.")
    _check_value(asked, found[0])
    return found[0]


def _check_value(asked: Asked, part: Placed) -> None:
    """Raise DriverError where a button is to be pressed with a value it does not have."""
    wanted = asked.given("value")
    if part.kind == "button" and wanted is not None and wanted != str(part.element.get("value", "")):
        has = part.element.get("value")
        raise DriverError(CONFLICT, f"value is {wanted!r}, but the button {part.action_id!r} now carries {has!r}.")


def _value(asked: Asked, person: Person, part: Placed) -> Json:
    """Return what pressing means: nothing for a button, the new state otherwise."""
    if part.kind in ("button", "workflow_button", "icon_button"):
        return {}
    name = next((n for n in (part.member, *VALUES) if n in asked.fields), None)
    if name is None:
        raise DriverError(BAD, f"{part.action_id!r} is a {part.kind}: say {part.member}.")
    return chosen(part, asked.fields[name], offered=asked.offered(person, part), resolve=asked.resolve)


def _enter(asked: Asked, person: Person, view: View, key: str, raw: object) -> None:
    """Record one entry of `values`: {block: {action: value}}, {block: value} or {action: value}."""
    parts = [p for p in placed(view.blocks) if p.is_stateful]
    within = [p for p in parts if p.block_id == key]
    if within and isinstance(raw, dict) and set(raw) <= {p.action_id for p in within}:
        for part in within:
            if part.action_id in raw:
                _record(asked, person, view, part, raw[part.action_id])
        return
    found = within or [p for p in parts if p.action_id == key]
    if len(found) != 1:
        known = ", ".join(f"{p.block_id}/{p.action_id}" for p in parts) or "no inputs"
        problem = "is in several blocks" if found else "is not in the view"
        raise DriverError(BAD, f"values has {key!r}, which {problem}; the view has {known}.")
    _record(asked, person, view, found[0], raw)


def _record(asked: Asked, person: Person, view: View, part: Placed, raw: object) -> None:
    known = raw.get(part.member) if isinstance(raw, dict) and part.member in raw else raw
    value = chosen(part, known, offered=asked.offered(person, part), resolve=asked.resolve)
    asked.slack.views.record(view, part.block_id, part.action_id, value)


def _top(asked: Asked, person: Person, view: View) -> None:
    """Raise DriverError unless the view is the one in front."""
    stack = asked.slack.views.stack(person.id)
    if not stack or stack[-1] is not view:
        in_front = stack[-1].id if stack else "none"
        raise DriverError(CONFLICT, f"view_id is {view.id!r}, but the modal in front is {in_front}.")


ROUTES: dict[str, Ask] = {
    "POST /driver/command": Ask(command, "as channel text thread_ts"),
    "POST /driver/press": Ask(press, " ".join(("as view_id channel ts action_id block_id", *VALUES))),
    "POST /driver/suggest": Ask(suggest, "as view_id channel ts action_id block_id value"),
    "POST /driver/submit": Ask(submit, "as view_id values"),
    "POST /driver/close": Ask(close, "as view_id all"),
    "POST /driver/shortcut": Ask(shortcut, "as callback_id channel ts"),
    "POST /driver/home": Ask(home, "as"),
}
