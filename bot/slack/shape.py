"""What Slack's requests look like: parsed, and refused where a field is not of the kind that Slack documents.

It runs only on what Slack signed, so it is not about attackers: Bolt reads many fields without asking what they are
(`len(body["authorizations"])`, `body["actions"][0]`), and an exception there would be a 500. Fields that are not named
here pass unseen, because Slack adds fields all the time. Kinds are those of @slack/bolt's TypeScript types.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from types import NoneType
from typing import Final
from urllib.parse import unquote_to_bytes

Payload = dict[str, object]

DEEPEST: Final = 100  # levels; Slack's own blocks need about twenty, and Python's parser has no more than 1,000
_MOST_FIELDS = 50  # of a form; a slash command has thirteen
_LONGEST_ID = 2000  # characters; an id has about fifteen, a response_url about a hundred
_FORM, _JSON = b"application/x-www-form-urlencoded", b"application/json"
_OPENING = re.compile(r"[\[{]")
_ODD_CHARACTER = re.compile(r"\\u(?:0000|[dD][89a-fA-F])|\x00")  # NUL and surrogates, as JSON may write them
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_TEXTS = (
    "action_id action_ts api_app_id block_id bot_access_token bot_id callback_id challenge channel_id channel_type"
    " context_enterprise_id context_team_id enterprise_id event_id event_ts function_execution_id message_ts"
    " private_metadata response_url ssl_check subtype tab team_id text thread_ts trigger_id ts type user_id user_team"
    " value"
)
_KINDS: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(_TEXTS.split(), (str, NoneType)),
    **dict.fromkeys(("team", "user", "channel", "enterprise"), (str, dict, NoneType)),
    **dict.fromkeys(("container", "event", "function", "function_data", "inputs"), (dict, NoneType)),
    **dict.fromkeys(("selected_option", "state", "view"), (dict, NoneType)),
    **dict.fromkeys(("actions", "authorizations", "response_urls", "selected_options"), (list, NoneType)),
}
_INNER = ("event", "view", "item", "message", "previous_message", "assistant_thread", "team", "user", "channel")
_LISTS = ("authorizations", "actions", "response_urls", "selected_options")
_NEEDED: Mapping[str, Mapping[str, type]] = {
    "event_callback": {"event": dict},
    "app_rate_limited": {},
    "url_verification": {"challenge": str},
    "block_actions": {"actions": list, "user": dict, "container": dict, "trigger_id": str},
    "view_submission": {"view": dict, "user": dict, "trigger_id": str},
    "view_closed": {"view": dict, "user": dict},
    "shortcut": {"callback_id": str, "user": dict, "trigger_id": str},
    "message_action": {"callback_id": str, "user": dict, "trigger_id": str, "channel": dict, "message": dict},
    "block_suggestion": {"action_id": str, "user": dict, "value": str},
}
_EVENTS = frozenset({"event_callback", "app_rate_limited", "url_verification"})
_COMMAND = ("user_id", "channel_id", "team_id", "trigger_id", "response_url")
_IDENTIFIED = {
    "event": ("type",),
    "view": ("id", "type", "callback_id"),
    "user": ("id",),
    "channel": ("id",),
    "actions": ("action_id",),
    "authorizations": (),
}


class Malformed(Exception):  # noqa: N818 - it is an answer
    """Not a request as Slack sends them; the sentence names the field, never its value."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def parse(body: bytes, content_type: bytes) -> Payload:
    """Return what a body says: a command's fields, or the object of an interaction or an event. Raises `Malformed`."""
    kind = content_type.partition(b";")[0].strip().lower()
    try:
        if kind == _FORM:
            return _form(_fields_of_form(body))
        if kind == _JSON:
            return _known(_object(body.decode()), _EVENTS)
    except UnicodeDecodeError as error:
        raise Malformed("The body is not UTF-8.") from error
    raise Malformed("The content type is neither a form nor JSON.")


def _fields_of_form(body: bytes) -> dict[str, str]:
    """Decode a form. Several times faster than urllib's `parse_qsl`, which is slow where text is not ASCII."""
    pairs = body.split(b"&", _MOST_FIELDS)
    if len(pairs) > _MOST_FIELDS:
        raise Malformed("The form has too many fields.")
    return {_decoded(name): _decoded(value) for name, _, value in (pair.partition(b"=") for pair in pairs)}


def _decoded(part: bytes) -> str:
    return unquote_to_bytes(part.replace(b"+", b" ")).decode()


def _form(fields: dict[str, str]) -> Payload:
    interaction = fields.get("payload")
    if interaction is not None:
        return _interaction(_object(interaction))
    if any("\x00" in value for value in fields.values()):
        raise Malformed("The form has a character that cannot be stored.")
    if fields.get("ssl_check") != "1":
        _check_command(fields)
    return {**fields}


def _check_command(fields: Mapping[str, str]) -> None:
    if not fields.get("command", "").startswith("/"):
        raise Malformed("The form is neither a command nor an interaction.")
    for name in _COMMAND:
        if not 0 < len(fields.get(name, "")) <= _LONGEST_ID:
            raise Malformed(f"The command has no {name}, or one that is none.")


def _object(text: str) -> Payload:
    try:
        found = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Malformed("The JSON cannot be read.") from error
    if not isinstance(found, dict):
        raise Malformed("The JSON is not an object.")
    if len(_OPENING.findall(text)) > DEEPEST or _ODD_CHARACTER.search(text):
        _walk(found)
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _walk(found: Payload) -> None:
    """Refuse what is nested too deep for whoever reads it next, and text that no database takes."""
    level: list[object] = [found]
    for _ in range(DEEPEST):
        if any(isinstance(one, str) and _UNSTORABLE.search(one) for one in level):
            raise Malformed("The JSON has a character that cannot be stored.")
        level = [inner for one in level for inner in _within(one)]
        if not level:
            return
    raise Malformed("The JSON is nested too deep.")


def _within(one: object) -> Iterable[object]:
    match one:
        case dict():
            return [*one.keys(), *one.values()]
        case list():
            return one
        case _:
            return ()


def _interaction(found: Payload) -> Payload:
    """Return a checked interaction: its channel is always an object, and a submission says what was filled in."""
    _known(found, _NEEDED.keys() - _EVENTS)
    if found.get("channel") is not None:
        _identified(found, "channel")
    if found["type"] == "view_submission":
        view = found["view"]
        state = view.get("state") if isinstance(view, dict) else None
        if not isinstance(state, dict) or "values" not in state:
            raise Malformed("view has no state.")
    return found


def _known(found: Payload, types: Iterable[str]) -> Payload:
    """Return an object of one of the types, its fields checked."""
    kind = found.get("type")
    if not isinstance(kind, str) or kind not in types:
        raise Malformed("The type is missing, or unknown.")
    for name, wanted in _NEEDED[kind].items():
        if not isinstance(found.get(name), wanted):
            raise Malformed(f"{name} is missing, or of another kind.")
        _identified(found, name)
    _fields(found)
    return found


def _identified(found: Payload, name: str) -> None:
    """Refuse an object, or a list of objects, without what it is known by."""
    value = found[name]
    ones = value if isinstance(value, list) else [value]
    for mark in _IDENTIFIED.get(name, ()):
        if not ones or not all(isinstance(one, dict) and isinstance(one.get(mark), str) for one in ones):
            raise Malformed(f"{name} has no {mark}.")


def _fields(found: Payload) -> None:
    """Refuse fields of a wrong kind, here and in the objects that Bolt looks into."""
    for name, value in found.items():
        kinds = _KINDS.get(name)
        if kinds is not None and not isinstance(value, kinds):
            raise Malformed(f"{name} is of another kind than Slack sends.")
    for name in _INNER:
        inner = found.get(name)
        if isinstance(inner, dict):
            _fields(inner)
    for name in _LISTS:
        _each(found.get(name), name, _fields if name in ("authorizations", "response_urls") else _fields_of_part)
    state = found.get("state")
    if isinstance(state, dict):
        _entered(state)


def _each(ones: object, name: str, check: Callable[[Payload], None]) -> None:
    for one in ones if isinstance(ones, list) else ():
        if not isinstance(one, dict):
            raise Malformed(f"{name} holds something that is no object.")
        check(one)


def _fields_of_part(action: Payload) -> None:
    """Check an action or an option, whose `text` is an object, unlike everywhere else."""
    _fields({name: value for name, value in action.items() if name != "text"})


def _entered(state: Payload) -> None:
    """Refuse a state that is not `{"values": {block: {action: {...}}}}`."""
    blocks = state.get("values", {})
    if not isinstance(blocks, dict) or not all(isinstance(block, dict) for block in blocks.values()):
        raise Malformed("state is of another kind than Slack sends.")
    for block in blocks.values():
        for element in block.values():
            _element(element)


def _element(element: object) -> None:
    """Refuse what was entered in an element, unless it is an object whose chosen options have values."""
    if not isinstance(element, dict):
        raise Malformed("state is of another kind than Slack sends.")
    _fields(element)
    options = [element.get("selected_option"), *(element.get("selected_options") or ())]
    if not all(isinstance(one, dict) and isinstance(one.get("value"), str) for one in options if one is not None):
        raise Malformed("An option has no value.")
