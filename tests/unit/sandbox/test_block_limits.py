"""Every limit of Block Kit: what reaches it passes, one more is refused, at the right place."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.validation import Problem, Surface, check_blocks
from tests.unit.sandbox.payloads import (
    accessory,
    actions,
    button,
    element,
    entry,
    mrkdwn,
    option,
    options,
    plain,
    section,
)

Json = dict[str, Any]
Build = Callable[[int], Json]


def problems_of(*blocks: object, surface: Surface = "message") -> list[Problem]:
    return check_blocks(list(blocks), surface=surface)


def messages_of(*blocks: object, surface: Surface = "message") -> list[str]:
    return [problem.message for problem in problems_of(*blocks, surface=surface)]


LENGTHS: list[tuple[str, int, str, Build]] = [
    ("section text", 3000, "/text/text", lambda n: section(text=mrkdwn("x" * n))),
    ("section field", 2000, "/fields/0/text", lambda n: {"type": "section", "fields": [mrkdwn("x" * n)]}),
    ("header", 150, "/text/text", lambda n: {"type": "header", "text": plain("x" * n)}),
    ("context text", 3000, "/elements/0/text", lambda n: {"type": "context", "elements": [mrkdwn("x" * n)]}),
    ("block_id", 255, "/block_id", lambda n: section(block_id="x" * n)),
    ("action_id", 255, "/elements/0/action_id", lambda n: actions(button(action_id="x" * n))),
    ("button text", 75, "/elements/0/text/text", lambda n: actions(button(text=plain("x" * n)))),
    ("button value", 2000, "/elements/0/value", lambda n: actions(button(value="x" * n))),
    ("button url", 3000, "/elements/0/url", lambda n: actions(button(url="https://" + "x" * (n - 8)))),
    ("button label", 75, "/elements/0/accessibility_label", lambda n: actions(button(accessibility_label="x" * n))),
    (
        "confirm title",
        100,
        "/elements/0/confirm/title/text",
        lambda n: actions(button(confirm={"text": plain(), "title": plain("x" * n)})),
    ),
    (
        "confirm text",
        300,
        "/elements/0/confirm/text/text",
        lambda n: actions(button(confirm={"text": mrkdwn("x" * n)})),
    ),
    (
        "confirm button",
        30,
        "/elements/0/confirm/confirm/text",
        lambda n: actions(button(confirm={"text": plain(), "confirm": plain("x" * n)})),
    ),
    (
        "deny button",
        30,
        "/elements/0/confirm/deny/text",
        lambda n: actions(button(confirm={"text": plain(), "deny": plain("x" * n)})),
    ),
    (
        "option text",
        75,
        "/accessory/options/0/text/text",
        lambda n: accessory("static_select", options=[option(words="x" * n)]),
    ),
    (
        "option value",
        150,
        "/accessory/options/0/value",
        lambda n: accessory("static_select", options=[option("x" * n)]),
    ),
    (
        "option description",
        75,
        "/accessory/options/0/description/text",
        lambda n: accessory("static_select", options=[option() | {"description": plain("x" * n)}]),
    ),
    (
        "overflow option url",
        3000,
        "/accessory/options/0/url",
        lambda n: accessory("overflow", options=[option() | {"url": "https://" + "x" * (n - 8)}]),
    ),
    (
        "group label",
        75,
        "/accessory/option_groups/0/label/text",
        lambda n: accessory("static_select", option_groups=[{"label": plain("x" * n), "options": options(1)}]),
    ),
    (
        "placeholder",
        150,
        "/accessory/placeholder/text",
        lambda n: accessory("users_select", placeholder=plain("x" * n)),
    ),
    ("input label", 2000, "/label/text", lambda n: entry("plain_text_input") | {"label": plain("x" * n)}),
    ("input hint", 2000, "/hint/text", lambda n: entry("plain_text_input") | {"hint": plain("x" * n)}),
    ("initial value", 3000, "/element/initial_value", lambda n: entry("plain_text_input", initial_value="x" * n)),
    (
        "image url",
        3000,
        "/image_url",
        lambda n: {"type": "image", "alt_text": "x", "image_url": "https://" + "x" * (n - 8)},
    ),
    (
        "image alt text",
        2000,
        "/alt_text",
        lambda n: {"type": "image", "alt_text": "x" * n, "image_url": "https://example.com/a.png"},
    ),
    (
        "image title",
        2000,
        "/title/text",
        lambda n: {
            "type": "image",
            "alt_text": "x",
            "image_url": "https://example.com/a.png",
            "title": plain("x" * n),
        },
    ),
    ("markdown", 12_000, "/text", lambda n: {"type": "markdown", "text": "x" * n}),
    ("card title", 150, "/title/text", lambda n: {"type": "card", "title": mrkdwn("x" * n)}),
    ("card body", 200, "/body/text", lambda n: {"type": "card", "body": mrkdwn("x" * n)}),
    (
        "container title",
        150,
        "/title/text",
        lambda n: {"type": "container", "title": plain("x" * n), "child_blocks": [section()]},
    ),
]

COUNTS: list[tuple[str, int, str, Build]] = [
    ("section fields", 10, "/fields", lambda n: {"type": "section", "fields": [mrkdwn()] * n}),
    ("context elements", 10, "/elements", lambda n: {"type": "context", "elements": [mrkdwn()] * n}),
    ("actions", 25, "/elements", lambda n: actions(*[button()] * n)),
    ("overflow options", 5, "/accessory/options", lambda n: accessory("overflow", options=options(n))),
    ("select options", 100, "/accessory/options", lambda n: accessory("static_select", options=options(n))),
    (
        "option groups",
        100,
        "/accessory/option_groups",
        lambda n: accessory("static_select", option_groups=[{"label": plain(), "options": options(1)}] * n),
    ),
    (
        "options of a group",
        100,
        "/accessory/option_groups/0/options",
        lambda n: accessory("static_select", option_groups=[{"label": plain(), "options": options(n)}]),
    ),
    ("checkboxes", 10, "/accessory/options", lambda n: accessory("checkboxes", options=options(n))),
    ("radio buttons", 10, "/accessory/options", lambda n: accessory("radio_buttons", options=options(n))),
    (
        "feedback",
        5,
        "/elements",
        lambda n: {
            "type": "context_actions",
            "elements": [element("icon_button", icon="trash", text=plain())] * n,
        },
    ),
    ("table rows", 100, "/rows", lambda n: {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * n}),
    (
        "table cells",
        20,
        "/rows/0",
        lambda n: {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * n]},
    ),
    (
        "child blocks",
        10,
        "/child_blocks",
        lambda n: {"type": "container", "title": plain(), "child_blocks": [section()] * n},
    ),
    (
        "cards of a carousel",
        10,
        "/elements",
        lambda n: {"type": "carousel", "elements": [{"type": "card", "title": mrkdwn()}] * n},
    ),
]


def named(limits: list[tuple[str, int, str, Build]]) -> list[Any]:
    return [pytest.param(*limit[1:], id=limit[0]) for limit in limits]


@pytest.mark.parametrize(("most", "pointer", "build"), named(LENGTHS))
def test_a_text_of_the_greatest_length_passes_and_one_character_more_is_refused(
    most: int, pointer: str, build: Build
) -> None:
    assert problems_of(build(most)) == []

    [problem] = problems_of(build(most + 1))
    assert problem.pointer == "/blocks/0" + pointer
    assert problem.message == f"must be less than {most + 1} characters [json-pointer:/blocks/0{pointer}]"
    assert (problem.code, problem.constraint, problem.expected) == ("failed_constraint", "max_length", most)


@pytest.mark.parametrize(("most", "pointer", "build"), named(COUNTS))
def test_the_greatest_number_of_things_passes_one_more_and_none_are_refused(
    most: int, pointer: str, build: Build
) -> None:
    assert problems_of(build(most)) == []

    assert messages_of(build(most + 1)) == [f"no more than {most} items allowed [json-pointer:/blocks/0{pointer}]"]
    assert messages_of(build(0)) == [f"must provide at least 1 items [json-pointer:/blocks/0{pointer}]"]
