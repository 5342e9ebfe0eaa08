"""Slack's blocks: one table per block, and which of them may stand on which surface.

To add a block: one entry in the family it belongs to, and its name in `ONLY` when it does not belong everywhere.
What is true of a whole list of blocks (how many, unique ids, total length) is in `surface.py`.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from bot.sandbox.validation.composition import IMAGE_FIELDS, IMAGE_RULES, mrkdwn, plain, text
from bot.sandbox.validation.elements import (
    ACCESSORIES,
    ACTIONS,
    CONTEXT_ACTIONS,
    ELEMENTS,
    ENTERED,
)
from bot.sandbox.validation.problem import Problem, at, wrong
from bot.sandbox.validation.rich_text import RICH_TEXT, RICH_TEXT_FIELDS
from bot.sandbox.validation.shape import (
    Check,
    Rule,
    Thing,
    anything,
    array,
    at_least_one,
    boolean,
    by_type,
    enum,
    integer,
    later,
    listed,
    mapping,
    number,
    string,
    thing,
    url,
)

Surface = Literal["message", "modal", "home"]

_BLOCK: dict[str, Check] = {"type": string(), "block_id": string(most=255)}
_IMAGE = by_type(ELEMENTS, allowed=("image",))


def _block(fields: Mapping[str, Check], *required: str, rules: tuple[Rule, ...] | list[Rule] = ()) -> Check:
    return thing(_BLOCK | dict(fields), required=required, rules=rules)


def _text_or_image(value: object, pointer: str) -> Iterator[Problem]:
    kinds = {"image": _IMAGE, "mrkdwn": text(), "plain_text": text()}
    yield from by_type(kinds)(value, pointer)


PROSE: dict[str, Check] = {
    "section": _block(
        {
            "text": text(),
            "fields": array(text(2000), most=10),
            "accessory": by_type(ELEMENTS, allowed=ACCESSORIES),
            "expand": boolean,
        },
        rules=(at_least_one("text", "fields"),),
    ),
    "header": _block({"text": plain(150)}, "text"),
    "divider": _block({}),
    "context": _block({"elements": array(_text_or_image, most=10)}, "elements"),
    "image": _block(IMAGE_FIELDS | {"title": plain(2000)}, "alt_text", rules=IMAGE_RULES),
    "rich_text": _block(RICH_TEXT_FIELDS, "elements"),
    "markdown": _block({"text": string(most=12_000)}, "text"),
    "video": _block(
        {
            "alt_text": string(),
            "title": plain(200),
            "title_url": url(),
            "description": plain(200),
            "video_url": url(),
            "thumbnail_url": url(),
            "author_name": string(most=50),
            "provider_name": string(),
            "provider_icon_url": url(),
        },
        "alt_text",
        "title",
        "video_url",
        "thumbnail_url",
    ),
    "file": _block({"external_id": string(), "source": enum("remote")}, "external_id", "source"),
    "call": _block({"call_id": string(), "call": mapping, "api_decoration_available": boolean}, "call_id"),
    "alert": _block({"text": text(200), "level": enum("default", "info", "warning", "error", "success")}, "text"),
}

ACTING: dict[str, Check] = {
    "actions": _block({"elements": array(by_type(ELEMENTS, allowed=ACTIONS), most=25)}, "elements"),
    "context_actions": _block({"elements": array(by_type(ELEMENTS, allowed=CONTEXT_ACTIONS), most=5)}, "elements"),
    "input": _block(
        {
            "label": plain(2000),
            "hint": plain(2000),
            "element": by_type(ELEMENTS, allowed=ENTERED),
            "optional": boolean,
            "dispatch_action": boolean,
        },
        "label",
        "element",
    ),
}

_CELLS: dict[str, Check] = {
    "raw_text": thing({"type": string(), "text": string()}, required=["text"]),
    "raw_number": thing({"type": string(), "value": number, "text": string()}, required=["value", "text"]),
    "rich_text": RICH_TEXT,
}
_COLUMN = thing({"align": enum("left", "center", "right"), "is_wrapped": boolean})
_SOURCE = thing({"type": enum("url"), "url": url(), "text": string()}, required=["type", "url", "text"])
_CARD = {
    "hero_image": _IMAGE,
    "icon": _IMAGE,
    "slack_icon": thing({"type": string(), "name": string()}, required=["name"]),
    "title": mrkdwn(150),
    "subtitle": mrkdwn(150),
    "body": mrkdwn(200),
    "actions": array(by_type(ELEMENTS, allowed=("button",)), most=25),
}
_CHILDREN = (
    *("actions", "context", "divider", "file", "header", "image"),
    *("input", "rich_text", "section", "table", "video"),
)


def _no_divider_when_collapsible(value: Thing, pointer: str) -> Iterator[Problem]:
    if value.get("is_collapsible") is True and value.get("has_header_divider") is True:
        words = "`has_header_divider` cannot be set when `is_collapsible` is true"
        yield wrong(at(pointer, "has_header_divider"), words, "exclusive")


def _tasks(value: Thing, pointer: str) -> Iterator[Problem]:
    seen: set[object] = set()
    for index, task in enumerate(listed(value, "tasks")):
        name = task.get("task_id") if isinstance(task, Mapping) else None
        if name in seen:
            place = at(at(at(pointer, "tasks"), index), "task_id")
            yield wrong(place, f'`task_id` "{name}" already exists', "unique")
        seen.add(name)


STRUCTURED: dict[str, Check] = {
    "table": _block(
        {
            "rows": array(array(by_type(_CELLS), most=20), most=100),
            "column_settings": array(later(lambda: _column_or_default), most=20),
        },
        "rows",
    ),
    "data_table": _block(
        {
            "rows": array(array(by_type(_CELLS), most=20)),
            "caption": string(),
            "page_size": integer(1, 100),
            "row_header_column_index": integer(0),
        },
        "rows",
        "caption",
    ),
    "data_visualization": _block({"title": string(most=50), "chart": mapping}, "title", "chart"),
    "task_card": _block(
        {
            "task_id": string(),
            "title": string(),
            "details": RICH_TEXT,
            "output": RICH_TEXT,
            "sources": array(_SOURCE, least=0),
            "status": enum("pending", "in_progress", "complete", "error"),
        },
        "task_id",
        "title",
        "status",
    ),
    "plan": _block(
        {"title": string(), "tasks": array(later(lambda: by_type(BLOCKS, allowed=("task_card",))), least=0)},
        "title",
        rules=(_tasks,),
    ),
    "card": _block(_CARD, rules=(at_least_one("hero_image", "title", "actions", "body"),)),
    "carousel": _block(
        {"elements": array(later(lambda: by_type(BLOCKS, allowed=("card",))), most=10)},
        "elements",
    ),
    "container": _block(
        {
            "title": plain(150),
            "rich_text_title": RICH_TEXT,
            "subtitle": text(150),
            "child_blocks": array(later(lambda: by_type(BLOCKS, allowed=_CHILDREN)), most=10),
            "width": enum("narrow", "standard", "wide", "full"),
            "icon": _IMAGE,
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
        "child_blocks",
        rules=(at_least_one("title", "rich_text_title"), _no_divider_when_collapsible),
    ),
}


def _column_or_default(value: object, pointer: str) -> Iterator[Problem]:
    """Check a column, or null, which keeps the default settings."""
    yield from (anything if value is None else _COLUMN)(value, pointer)


BLOCKS: dict[str, Check] = PROSE | ACTING | STRUCTURED

_MESSAGES: frozenset[Surface] = frozenset({"message"})
ONLY: dict[str, frozenset[Surface]] = {
    "alert": frozenset({"modal"}),
    "call": _MESSAGES,
    "card": frozenset({"message", "home"}),
    "carousel": frozenset({"message", "home"}),
    "context_actions": _MESSAGES,
    "data_table": _MESSAGES,
    "data_visualization": _MESSAGES,
    "file": _MESSAGES,
    "markdown": _MESSAGES,
    "plan": _MESSAGES,
    "table": _MESSAGES,
    "task_card": _MESSAGES,
}
"""Blocks that do not belong everywhere. Sources disagree about `alert`; the narrower reading is the safe one."""


def allowed_on(surface: Surface) -> tuple[str, ...]:
    """List the block types of a surface."""
    return tuple(name for name in BLOCKS if surface in ONLY.get(name, (surface,)))


CHECKS: dict[Surface, Check] = {
    "message": by_type(BLOCKS, allowed=allowed_on("message")),
    "modal": by_type(BLOCKS, allowed=allowed_on("modal")),
    "home": by_type(BLOCKS, allowed=allowed_on("home")),
}
