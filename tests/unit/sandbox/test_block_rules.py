"""The rules of Block Kit that are not lengths: what may stand where, what must be there, what may be there once."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.validation import Problem, Surface, check_blocks, error_messages, slack_error
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
    rich_text,
    section,
    task_card,
)

Json = dict[str, Any]
Build = Callable[[int], Json]


def problems_of(*blocks: object, surface: Surface = "message") -> list[Problem]:
    return check_blocks(list(blocks), surface=surface)


def messages_of(*blocks: object, surface: Surface = "message") -> list[str]:
    return [problem.message for problem in problems_of(*blocks, surface=surface)]


@pytest.mark.parametrize(
    "empty",
    [
        section(text=mrkdwn("")),
        section(text=plain("")),
        {"type": "header", "text": plain("")},
        {"type": "context", "elements": [mrkdwn(""), mrkdwn()]},
        actions(button(text=plain(""))),
        accessory("static_select", options=[option(words="")]),
    ],
)
def test_an_empty_text_is_refused_as_slack_words_it(empty: Json) -> None:
    [message] = messages_of(empty)
    assert message.startswith("must be more than 0 characters [json-pointer:/blocks/0/")


@given(st.text(min_size=1, max_size=3000))
def test_any_text_within_the_limit_passes(words: str) -> None:
    assert problems_of(section(text=mrkdwn(words))) == []


@given(st.integers(0, 60), st.integers(0, 20))
def test_the_pointer_names_the_spoiled_block(before: int, after: int) -> None:
    blocks = [section()] * before + [section(text=mrkdwn("x" * 3001))] + [section()] * after

    pointers = [problem.pointer for problem in check_blocks(blocks, surface="message")]
    if len(blocks) > 50:
        assert pointers == ["/blocks"]
    else:
        assert pointers == [f"/blocks/{before}/text/text"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "elements", "element", "options", "accessory", "rows", "tasks", "action_id"]
            ),
            inner
            | st.sampled_from(["section", "actions", "button", "plan", "table", "rich_text", "input", "static_select"]),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(_JSON)
def test_nonsense_is_refused_and_never_crashes(value: object) -> None:
    for surface in ("message", "modal", "home"):
        for problem in check_blocks(value, surface=surface):
            assert problem.pointer.startswith("/blocks")
            assert problem.message.endswith(f"[json-pointer:{problem.pointer}]")


def test_what_is_not_a_list_of_blocks_says_what_is_expected() -> None:
    assert [problem.words for problem in check_blocks({"type": "section"}, surface="message")] == [
        "must provide an array"
    ]
    assert messages_of("section") == ["must provide an object [json-pointer:/blocks/0]"]
    assert messages_of({}) == ["missing required field: type [json-pointer:/blocks/0]"]


def test_an_unknown_block_and_an_unknown_element_are_unsupported() -> None:
    assert messages_of({"type": "banner"}) == ["unsupported type: banner [json-pointer:/blocks/0/type]"]
    assert messages_of(actions(element("knob"))) == ["unsupported type: knob [json-pointer:/blocks/0/elements/0/type]"]


def test_a_field_slack_does_not_know_is_refused() -> None:
    [problem] = problems_of({"type": "divider", "text": mrkdwn()})

    assert problem.message == "invalid additional property: text [json-pointer:/blocks/0]"
    assert problem.field == "text"
    assert messages_of(actions(button(block_id="b"))) == [
        "invalid additional property: block_id [json-pointer:/blocks/0/elements/0]"
    ]


def test_a_missing_field_is_named_at_the_object_that_lacks_it() -> None:
    [problem] = problems_of({"type": "image", "image_url": "https://example.com/a.png"})

    assert problem.message == "missing required field: alt_text [json-pointer:/blocks/0]"
    assert (problem.code, problem.field) == ("missing_field", "alt_text")


@pytest.mark.parametrize(
    ("block", "pointer"),
    [
        ({"type": "header", "text": mrkdwn()}, "/blocks/0/text/type"),
        (actions(button(text=mrkdwn())), "/blocks/0/elements/0/text/type"),
        (entry("plain_text_input") | {"label": mrkdwn()}, "/blocks/0/label/type"),
        (
            accessory("static_select", options=[{"text": mrkdwn(), "value": "v"}]),
            "/blocks/0/accessory/options/0/text/type",
        ),
    ],
)
def test_mrkdwn_is_refused_where_slack_wants_plain_text(block: Json, pointer: str) -> None:
    assert messages_of(block) == [f"unsupported type: mrkdwn [json-pointer:{pointer}]"]


def test_checkboxes_and_radio_buttons_take_mrkdwn() -> None:
    choice = {"text": mrkdwn("*bold*"), "value": "v"}

    assert problems_of(accessory("checkboxes", options=[choice]), accessory("radio_buttons", options=[choice])) == []


@pytest.mark.parametrize(
    ("kind", "section_takes", "actions_take", "input_takes"),
    [
        ("datepicker", True, True, True),
        ("timepicker", True, True, True),
        ("datetimepicker", False, True, True),
        ("users_select", True, True, True),
        ("multi_users_select", True, True, True),
        ("plain_text_input", False, False, True),
        ("email_text_input", False, False, True),
        ("url_text_input", False, False, True),
        ("rich_text_input", False, True, True),
    ],
)
def test_an_element_stands_only_where_slack_takes_it(
    kind: str, *, section_takes: bool, actions_take: bool, input_takes: bool
) -> None:
    taken = [problems_of(block) == [] for block in (accessory(kind), actions(element(kind)), entry(kind))]

    assert taken == [section_takes, actions_take, input_takes]


def test_a_button_is_no_input_and_an_image_no_action() -> None:
    image = element("image", image_url="https://example.com/a.png", alt_text="x")

    assert messages_of(entry("button", text=plain())) == [
        "unsupported type: button [json-pointer:/blocks/0/element/type]"
    ]
    assert messages_of(actions(image)) == ["unsupported type: image [json-pointer:/blocks/0/elements/0/type]"]
    assert problems_of(section(accessory=image), {"type": "context", "elements": [image]}) == []


@pytest.mark.parametrize(
    ("block", "surfaces"),
    [
        (section(), {"message", "modal", "home"}),
        (entry("plain_text_input"), {"message", "modal", "home"}),
        (entry("file_input"), {"modal"}),
        ({"type": "markdown", "text": "x"}, {"message"}),
        ({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}, {"message"}),
        (task_card(), {"message"}),
        ({"type": "plan", "title": "Deploy", "tasks": [task_card()]}, {"message"}),
        ({"type": "alert", "text": mrkdwn(), "level": "warning"}, {"modal"}),
    ],
)
def test_a_block_belongs_on_some_surfaces(block: Json, surfaces: set[str]) -> None:
    accepted = {surface for surface in ("message", "modal", "home") if not problems_of(block, surface=surface)}

    assert accepted == surfaces


@pytest.mark.parametrize(("surface", "most"), [("message", 50), ("modal", 100), ("home", 100)])
def test_a_surface_takes_so_many_blocks(surface: Surface, most: int) -> None:
    assert check_blocks([section()] * most, surface=surface) == []

    assert [problem.message for problem in check_blocks([section()] * (most + 1), surface=surface)] == [
        f"no more than {most} items allowed [json-pointer:/blocks]"
    ]


def test_a_message_may_have_no_blocks_but_a_view_needs_one() -> None:
    assert check_blocks([], surface="message") == []
    assert [problem.words for problem in check_blocks([], surface="modal")] == ["must provide at least 1 items"]


def test_a_block_id_is_given_once_in_a_message_and_an_action_id_once_in_a_block() -> None:
    twice = actions(button(action_id="approve"), button(action_id="approve"))

    assert messages_of(section(block_id="b"), section(block_id="b")) == [
        '`block_id` "b" already exists [json-pointer:/blocks/1/block_id]'
    ]
    assert messages_of(section(), twice) == [
        '`action_id` "approve" already exists [json-pointer:/blocks/1/elements/1/action_id]'
    ]
    assert problems_of(actions(button(action_id="approve")), actions(button(action_id="approve"))) == []


def test_an_initial_option_must_be_one_of_the_options() -> None:
    good = accessory("static_select", options=options(3), initial_option=option("v1", "x1"))
    same_value_only = accessory("static_select", options=options(3), initial_option=option("v1", "other words"))
    grouped = accessory(
        "static_select",
        option_groups=[{"label": plain(), "options": options(2)}],
        initial_option=option("v1", "x1"),
    )

    assert problems_of(good, grouped) == []
    assert [problem.pointer for problem in problems_of(same_value_only)] == ["/blocks/0/accessory/initial_option"]
    assert [
        problem.pointer
        for problem in problems_of(accessory("checkboxes", options=options(2), initial_options=[option("v9")]))
    ] == ["/blocks/0/accessory/initial_options/0"]


def test_a_select_has_options_or_groups_and_not_both() -> None:
    groups = [{"label": plain(), "options": options(1)}]

    assert messages_of(accessory("static_select")) == [
        "`options` or `option_groups` must be specified [json-pointer:/blocks/0/accessory]"
    ]
    assert len(problems_of(accessory("static_select", options=options(1), option_groups=groups))) == 1


def test_only_an_overflow_option_may_open_an_address() -> None:
    linked = option() | {"url": "https://example.com"}

    assert problems_of(accessory("overflow", options=[linked])) == []
    assert [problem.field for problem in problems_of(accessory("static_select", options=[linked]))] == ["url"]


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (entry("plain_text_input", max_length=3000), entry("plain_text_input", max_length=3001)),
        (entry("plain_text_input", min_length=2, max_length=2), entry("plain_text_input", min_length=3, max_length=2)),
        (
            entry("number_input", is_decimal_allowed=False, min_value="1", max_value="9"),
            entry("number_input", is_decimal_allowed=False, min_value="10", max_value="9"),
        ),
        (
            entry("number_input", is_decimal_allowed=True, initial_value="1.5"),
            entry("number_input", is_decimal_allowed=True, initial_value=1.5),
        ),
        (
            entry("number_input", is_decimal_allowed=False, initial_value="5", max_value="9"),
            entry("number_input", is_decimal_allowed=False, initial_value="10", max_value="9"),
        ),
        (entry("datepicker", initial_date="2026-11-23"), entry("datepicker", initial_date="23.11.2026")),
        (entry("timepicker", initial_time="23:59"), entry("timepicker", initial_time="24:00")),
        (
            entry("datetimepicker", initial_date_time=1763900000),
            entry("datetimepicker", initial_date_time=1763900000000),
        ),
        (entry("multi_users_select", max_selected_items=1), entry("multi_users_select", max_selected_items=0)),
        (actions(button(style="danger")), actions(button(style="warning"))),
        (actions(button(url="mailto:ops@example.com")), actions(button(url="example.com"))),
        (
            entry("conversations_select", filter={"include": ["public"]}),
            entry("conversations_select", filter={}),
        ),
        (
            {"type": "image", "alt_text": "x", "slack_file": {"id": "F1"}},
            {"type": "image", "alt_text": "x", "slack_file": {"id": "F1"}, "image_url": "https://example.com/a.png"},
        ),
        (section(expand=True), section(expand="yes")),
        ({"type": "section", "fields": [plain()]}, {"type": "section"}),
        (actions(button(confirm={"text": plain()})), actions(button(confirm={"title": plain()}))),
    ],
)
def test_a_good_element_passes_and_its_bad_neighbour_does_not(good: Json, bad: Json) -> None:
    assert problems_of(good) == []
    assert len(problems_of(bad)) >= 1


def test_rich_text_has_its_own_grammar() -> None:
    line = {
        "type": "rich_text_section",
        "elements": [
            {"type": "text", "text": "Deployed by ", "style": {"bold": True}},
            {"type": "user", "user_id": "U1"},
            {"type": "link", "url": "https://example.com", "text": "run"},
            {"type": "emoji", "name": "rocket"},
            {"type": "broadcast", "range": "here"},
            {"type": "date", "timestamp": 1763900000, "format": "{date_short}"},
        ],
    }
    bullets = {"type": "rich_text_list", "style": "bullet", "elements": [line], "indent": 1}
    code = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "$ make up"}], "border": 0}

    assert problems_of(rich_text(line, bullets, code, {"type": "rich_text_quote", "elements": []})) == []
    assert messages_of(rich_text({"type": "text", "text": "x"})) == [
        "unsupported type: text [json-pointer:/blocks/0/elements/0/type]"
    ]
    assert messages_of(rich_text({"type": "rich_text_list", "elements": [line]})) == [
        "missing required field: style [json-pointer:/blocks/0/elements/0]"
    ]
    mention = {"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U1"}]}
    assert messages_of(rich_text(mention)) == [
        "unsupported type: user [json-pointer:/blocks/0/elements/0/elements/0/type]"
    ]


def test_a_plan_is_a_list_of_tasks_with_ids_of_their_own() -> None:
    details = rich_text({"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]})
    plan = {
        "type": "plan",
        "title": "Deploy",
        "tasks": [task_card(details=details), task_card(task_id="verify", status="pending")],
    }

    assert problems_of(plan, task_card(sources=[{"type": "url", "url": "https://example.com", "text": "run"}])) == []
    assert messages_of(task_card(status="running")) == ["must be a valid enum value [json-pointer:/blocks/0/status]"]
    assert messages_of({"type": "plan", "title": "Deploy", "tasks": [task_card(), task_card()]}) == [
        '`task_id` "build" already exists [json-pointer:/blocks/0/tasks/1/task_id]'
    ]


def test_a_message_has_one_table_and_its_cells_are_not_empty() -> None:
    table = {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": "x"}]],
        "column_settings": [None, {"align": "right"}],
    }

    assert problems_of(table) == []
    assert [problem.pointer for problem in problems_of(table, section(), table)] == ["/blocks/2"]
    assert messages_of({"type": "table", "rows": [[{"type": "raw_number", "text": "1"}]]}) == [
        "missing required field: value [json-pointer:/blocks/0/rows/0/0]"
    ]


def test_a_message_with_too_much_text_in_all_is_too_long() -> None:
    full = [section(text=mrkdwn("x" * 3000))] * 4

    fits = [*full, section(text=mrkdwn("x" * 1200))]
    over = [*full, section(text=mrkdwn("x" * 1201))]

    assert check_blocks(fits, surface="message") == []
    problems = check_blocks(over, surface="message")
    assert slack_error(problems, kind="blocks") == "msg_blocks_too_long"
    assert check_blocks(over, surface="modal") == []


def test_markdown_counts_together() -> None:
    half = {"type": "markdown", "text": "x" * 6000}

    assert problems_of(half, half) == []
    assert [problem.constraint for problem in problems_of(half, half, {"type": "markdown", "text": "x"})] == [
        "max_total_length"
    ]


def test_a_mistake_becomes_slacks_error_and_slacks_lines() -> None:
    problems = problems_of(section(text=mrkdwn("")))

    assert slack_error(problems, kind="blocks") == "invalid_blocks"
    assert error_messages(problems) == ["[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]"]
    assert problems[0].as_entry(under="/blocks") == {
        "code": "failed_constraint",
        "message": "must be more than 0 characters",
        "pointer": "/0/text/text",
        "constraint": {"type": "min_length", "expected": 1},
    }


def test_without_a_mistake_there_is_no_error_to_name() -> None:
    with pytest.raises(ValueError, match="nothing is wrong"):
        slack_error([], kind="blocks")
