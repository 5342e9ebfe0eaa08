"""Slack's block elements: one table per element, and which of them may stand where.

To add an element: one entry in `ELEMENTS`, and its name in the sets of the places that take it.
"""

import re
from collections.abc import Iterator, Mapping

from bot.sandbox.validation.composition import (
    BOX_OPTION,
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH,
    IMAGE_FIELDS,
    IMAGE_RULES,
    MENU_OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    PLACEHOLDER,
    STYLE,
    plain,
)
from bot.sandbox.validation.problem import Problem, at, wrong
from bot.sandbox.validation.rich_text import RICH_TEXT
from bot.sandbox.validation.shape import (
    Check,
    Rule,
    Thing,
    array,
    boolean,
    enum,
    exactly_one,
    in_order,
    integer,
    listed,
    mapping,
    string,
    thing,
    url,
)

_ACTION: dict[str, Check] = {"type": string(), "action_id": string(most=255)}
_CONFIRM: dict[str, Check] = {"confirm": CONFIRM}
_FOCUS: dict[str, Check] = {"focus_on_load": boolean}
_HINTED: dict[str, Check] = {"placeholder": PLACEHOLDER}
_PICKER = _ACTION | _CONFIRM | _FOCUS
_MENU = _PICKER | _HINTED
_MANY: dict[str, Check] = {"max_selected_items": integer(1)}
_TYPED = _ACTION | _FOCUS | _HINTED | {"dispatch_action_config": DISPATCH}
_LABEL: dict[str, Check] = {"accessibility_label": string(most=75)}

_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_EPOCH_LEAST, _EPOCH_MOST = 1_000_000_000, 9_999_999_999
"""A datetimepicker's value is a Unix time of exactly ten digits."""

_number = string(like=_NUMBER, words="must be a number")


def _offered(value: Thing) -> list[object]:
    groups = [group for group in listed(value, "option_groups") if isinstance(group, Mapping)]
    return listed(value, "options") + [option for group in groups for option in listed(group, "options")]


def _known_option(value: Thing, pointer: str) -> Iterator[Problem]:
    """`initial_option` must be exactly one of the options: the whole object, not only its value."""
    if "initial_option" in value and value["initial_option"] not in _offered(value):
        yield wrong(at(pointer, "initial_option"), "must match one of the provided options", "one_of_options")


def _known_options(value: Thing, pointer: str) -> Iterator[Problem]:
    for index, option in enumerate(listed(value, "initial_options")):
        if option not in _offered(value):
            place = at(at(pointer, "initial_options"), index)
            yield wrong(place, "must match one of the provided options", "one_of_options")


def _bounded_number(value: Thing, pointer: str) -> Iterator[Problem]:
    yield from in_order("min_value", "initial_value")(value, pointer)
    yield from in_order("initial_value", "max_value")(value, pointer)


_STATIC: dict[str, Check] = {"options": array(MENU_OPTION, most=100), "option_groups": array(OPTION_GROUP, most=100)}
_EITHER: list[Rule] = [exactly_one("options", "option_groups")]


def _element(fields: Mapping[str, Check], *required: str, rules: tuple[Rule, ...] | list[Rule] = ()) -> Check:
    return thing(fields, required=required, rules=rules)


_FEEDBACK = thing({"text": plain(75), "value": string(most=2000)} | _LABEL, required=["text", "value"])
_WORKFLOW = thing(
    {
        "trigger": thing(
            {"url": url(), "customizable_input_parameters": array(mapping, least=0)},
            required=["url"],
        )
    },
    required=["trigger"],
)

BUTTONS: dict[str, Check] = {
    "button": _element(
        _ACTION
        | _CONFIRM
        | _LABEL
        | {
            "text": plain(75),
            "url": url(),
            "value": string(most=2000),
            "style": STYLE,
            "agent_prompt": string(most=4000),
            "agent_prompt_display": string(),
            "visible_to_user_ids": array(string()),
        },
        "text",
    ),
    "icon_button": _element(
        _ACTION
        | _CONFIRM
        | _LABEL
        | {
            "icon": string(),
            "text": plain(75),
            "value": string(most=2000),
            "visible_to_user_ids": array(string()),
        },
        "icon",
        "text",
    ),
    "feedback_buttons": _element(
        _ACTION | {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, "positive_button", "negative_button"
    ),
    "workflow_button": _element(
        _ACTION | _CONFIRM | _LABEL | {"text": plain(75), "workflow": _WORKFLOW, "style": STYLE}, "text", "workflow"
    ),
    "overflow": _element(_ACTION | _CONFIRM | {"options": array(OVERFLOW_OPTION, most=5)}, "options"),
}

BOXES: dict[str, Check] = {
    "checkboxes": _element(
        _PICKER | {"options": array(BOX_OPTION, most=10), "initial_options": array(BOX_OPTION, most=10)},
        "options",
        rules=(_known_options,),
    ),
    "radio_buttons": _element(
        _PICKER | {"options": array(BOX_OPTION, most=10), "initial_option": BOX_OPTION},
        "options",
        rules=(_known_option,),
    ),
}

PICKERS: dict[str, Check] = {
    "datepicker": _element(_MENU | {"initial_date": string(like=_DATE, words="must be a date: YYYY-MM-DD")}),
    "timepicker": _element(
        _MENU | {"initial_time": string(like=_TIME, words="must be a time: HH:mm"), "timezone": string()}
    ),
    "datetimepicker": _element(_PICKER | {"initial_date_time": integer(_EPOCH_LEAST, _EPOCH_MOST)}),
}

SELECTS: dict[str, Check] = {
    "static_select": _element(_MENU | _STATIC | {"initial_option": MENU_OPTION}, rules=[*_EITHER, _known_option]),
    "external_select": _element(_MENU | {"initial_option": MENU_OPTION, "min_query_length": integer(0)}),
    "users_select": _element(_MENU | {"initial_user": string()}),
    "channels_select": _element(_MENU | {"initial_channel": string(), "response_url_enabled": boolean}),
    "conversations_select": _element(
        _MENU
        | {
            "initial_conversation": string(),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": CONVERSATION_FILTER,
        }
    ),
}

MULTI_SELECTS: dict[str, Check] = {
    "multi_static_select": _element(
        _MENU | _MANY | _STATIC | {"initial_options": array(MENU_OPTION, most=100)}, rules=[*_EITHER, _known_options]
    ),
    "multi_external_select": _element(
        _MENU | _MANY | {"initial_options": array(MENU_OPTION, most=100), "min_query_length": integer(0)}
    ),
    "multi_users_select": _element(_MENU | _MANY | {"initial_users": array(string(), least=0)}),
    "multi_channels_select": _element(_MENU | _MANY | {"initial_channels": array(string(), least=0)}),
    "multi_conversations_select": _element(
        _MENU
        | _MANY
        | {
            "initial_conversations": array(string(), least=0),
            "default_to_current_conversation": boolean,
            "filter": CONVERSATION_FILTER,
        }
    ),
}

INPUTS: dict[str, Check] = {
    "plain_text_input": _element(
        _TYPED
        | {
            "initial_value": string(least=0, most=3000),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        rules=(in_order("min_length", "max_length"),),
    ),
    "email_text_input": _element(_TYPED | {"initial_value": string()}),
    "url_text_input": _element(_TYPED | {"initial_value": string()}),
    "number_input": _element(
        _TYPED
        | {
            "is_decimal_allowed": boolean,
            "initial_value": _number,
            "min_value": _number,
            "max_value": _number,
        },
        "is_decimal_allowed",
        rules=(in_order("min_value", "max_value"), _bounded_number),
    ),
    "rich_text_input": _element(
        _TYPED | {"initial_value": RICH_TEXT, "min_lines": integer(1, 100), "max_lines": integer(1, 100)},
        rules=(in_order("min_lines", "max_lines"),),
    ),
    "file_input": _element(_ACTION | {"filetypes": array(string()), "max_files": integer(1, 10)}),
}

IMAGE: dict[str, Check] = {
    "image": _element({"type": enum("image")} | IMAGE_FIELDS, "alt_text", rules=IMAGE_RULES),
}

ELEMENTS: dict[str, Check] = BUTTONS | BOXES | PICKERS | SELECTS | MULTI_SELECTS | INPUTS | IMAGE

ACCESSORIES = frozenset(
    {"button", "workflow_button", "overflow", "image", "datepicker", "timepicker", *BOXES, *SELECTS, *MULTI_SELECTS}
)
"""Beside a section's text."""

ACTIONS = frozenset(
    {"button", "workflow_button", "overflow", "rich_text_input", *BOXES, *PICKERS, *SELECTS, *MULTI_SELECTS}
)
"""In an actions block."""

CONTEXT_ACTIONS = frozenset({"feedback_buttons", "icon_button"})

ENTERED = frozenset({*BOXES, *PICKERS, *SELECTS, *MULTI_SELECTS, *INPUTS})
"""In an input block; outside a modal a file_input is refused."""
