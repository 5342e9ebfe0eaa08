"""The parts of blocks a person can use: where they are, what choosing means, and what their state looks like.

A table says for each type of element which member carries the value in payloads and state; everything else follows
from the pattern `selected_x` and `initial_x`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .errors import DriverError
from .wire import Json

VALUE_MEMBER = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "feedback_buttons": "value",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "file_input": "files",
}
STATELESS = frozenset({"overflow", "feedback_buttons", "button", "workflow_button", "icon_button"})
PATTERNS = {"selected_date": (r"\d{4}-\d\d-\d\d", "YYYY-MM-DD"), "selected_time": (r"\d\d:\d\d", "HH:MM")}

Resolve = Callable[[str, str], str]
"""Turns an id, a name or a handle into an id: (member of the state, word) -> id. Raises DriverError."""


@dataclass(frozen=True)
class Placed:
    """An element where it stands."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        """The block's id; every shown block has one."""
        return str(self.block.get("block_id", ""))

    @property
    def action_id(self) -> str:
        """The element's id within the block."""
        return str(self.element.get("action_id", ""))

    @property
    def kind(self) -> str:
        """The element's type."""
        return str(self.element.get("type", ""))

    @property
    def member(self) -> str:
        """Which member of payload and state carries the value."""
        return VALUE_MEMBER.get(self.kind, "value")

    @property
    def is_input(self) -> bool:
        """Whether it stands in an input block, so that using it only records its state."""
        return self.block.get("type") == "input" and not self.block.get("dispatch_action")

    @property
    def is_stateful(self) -> bool:
        """Whether it appears in `state.values`."""
        return self.kind in VALUE_MEMBER and self.kind not in STATELESS


def placed(blocks: list[Json] | None) -> Iterator[Placed]:
    """Yield every element that has an action_id, in reading order; blocks within blocks included."""
    for block in blocks or []:
        for part in (block.get("accessory"), block.get("element"), *(block.get("elements") or [])):
            if isinstance(part, dict) and "action_id" in part:
                yield Placed(block, part)
        for name in ("blocks", "child_blocks", "actions"):
            inner = block.get(name)
            if isinstance(inner, list):
                yield from _inner(block, inner)


def _inner(block: Json, inner: list[object]) -> Iterator[Placed]:
    """Yield what a container's children or a card's own actions hold."""
    for part in inner:
        if isinstance(part, dict) and "action_id" in part:
            yield Placed(block, part)
        elif isinstance(part, dict):
            yield from placed([part])


def initial(element: Json, member: str) -> object:
    """Return the value the element starts with, or the empty one of its kind."""
    name = "initial_value" if member in ("value", "rich_text_value") else member.replace("selected_", "initial_")
    empty: object = [] if member.endswith("s") and member != "files" else None
    return element.get(name, empty)


def state(blocks: list[Json] | None, recorded: Json) -> Json:
    """Return `state.values`: what was recorded, and where nothing was, what the elements start with."""
    values: Json = {}
    for part in placed(blocks):
        if not part.is_stateful:
            continue
        known = recorded.get(part.block_id, {}).get(part.action_id)
        if known is None or known.get("type") != part.kind:
            known = {"type": part.kind, part.member: initial(part.element, part.member)}
        values.setdefault(part.block_id, {})[part.action_id] = known
    return values


def surviving(blocks: list[Json], recorded: Json) -> Json:
    """Return what of the recorded state still belongs to an element of the same ids and type."""
    kept: Json = {}
    for part in placed(blocks):
        known = recorded.get(part.block_id, {}).get(part.action_id)
        if known is not None and known.get("type") == part.kind:
            kept.setdefault(part.block_id, {})[part.action_id] = known
    return kept


def options(element: Json) -> list[Json]:
    """Return the element's own options, those of its groups included."""
    own = list(element.get("options") or [])
    return own + [option for group in element.get("option_groups") or [] for option in group.get("options") or []]


def chosen(part: Placed, raw: object, *, offered: list[Json], resolve: Resolve) -> Json:
    """Return the state a raw value means: `{type, <member>: value}`.

    `offered` are the options an external select was given; a raw option is its value or the object. Raises DriverError
    naming the element, the value and what is possible.
    """
    member = part.member
    if raw is None or raw == "":
        return {"type": part.kind, member: initial({}, member)}
    many = isinstance(initial({}, member), list)
    words = (raw if isinstance(raw, list) else [raw]) if many else [raw]
    found = [_one(part, member.removesuffix("s") if many else member, w, offered, resolve) for w in words]
    return {"type": part.kind, member: found if many else found[0]}


def _one(part: Placed, member: str, raw: object, offered: list[Json], resolve: Resolve) -> object:
    """Return one value of the element's kind."""
    if member == "selected_option":
        return _option(part, raw, offered)
    if member in ("selected_user", "selected_channel", "selected_conversation"):
        return resolve(member, str(raw))
    if member in PATTERNS:
        pattern, shape = PATTERNS[member]
        if not re.fullmatch(pattern, str(raw)):
            raise DriverError(400, f"{part.action_id} is {raw!r}, but must look like {shape}.")
        return raw
    if member == "selected_date_time":
        if not str(raw).isdigit():
            raise DriverError(400, f"{part.action_id} is {raw!r}, but must be a Unix time in seconds.")
        return int(str(raw))
    return raw if member in ("rich_text_value", "files") else str(raw)


def _option(part: Placed, raw: object, offered: list[Json]) -> Json:
    """Return the option that a value or an object names."""
    value = raw.get("value") if isinstance(raw, dict) else raw
    known = [*options(part.element), *offered]
    found = next((option for option in known if option.get("value") == value), None)
    if found is None:
        possible = ", ".join(repr(option.get("value")) for option in known) or "none (ask /driver/suggest first)"
        raise DriverError(400, f"{part.action_id} has no option {value!r}; its options are {possible}.")
    return found
