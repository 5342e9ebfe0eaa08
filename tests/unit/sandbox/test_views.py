"""What Slack refuses of a modal, a home tab and a message's metadata."""

import pytest

from bot.sandbox.validation import check_metadata, check_view, slack_error
from tests.unit.sandbox.payloads import entry, home, modal, mrkdwn, plain, section


def messages_of(view: object) -> list[str]:
    return [problem.message for problem in check_view(view)]


def test_a_modal_and_a_home_tab_pass() -> None:
    assert check_view(modal(entry("plain_text_input"), close=plain(), notify_on_close=True)) == []
    assert check_view(home(section(), private_metadata="")) == []


@pytest.mark.parametrize("part", ["title", "submit", "close"])
def test_the_words_of_a_modals_frame_are_24_plain_characters(part: str) -> None:
    assert check_view(modal(**{part: plain("x" * 24)})) == []

    assert messages_of(modal(**{part: plain("x" * 25)})) == [
        f"must be less than 25 characters [json-pointer:/view/{part}/text]"
    ]
    assert messages_of(modal(**{part: mrkdwn()})) == [f"unsupported type: mrkdwn [json-pointer:/view/{part}/type]"]


@pytest.mark.parametrize(("part", "most"), [("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)])
def test_what_the_app_keeps_in_a_view_has_a_length(part: str, most: int) -> None:
    assert check_view(modal(**{part: "x" * most})) == []
    assert messages_of(modal(**{part: "x" * (most + 1)})) == [
        f"must be less than {most + 1} characters [json-pointer:/view/{part}]"
    ]


def test_a_modal_has_a_title_and_a_type() -> None:
    assert messages_of({"type": "modal", "blocks": [section()]}) == [
        "missing required field: title [json-pointer:/view]"
    ]
    assert messages_of({"blocks": [section()]}) == ["missing required field: type [json-pointer:/view]"]
    assert messages_of({"type": "dialog"}) == ["unsupported type: dialog [json-pointer:/view/type]"]
    assert messages_of("modal") == ["must provide an object [json-pointer:/view]"]


def test_a_modal_that_asks_must_have_a_submit_button_and_a_home_tab_need_not() -> None:
    asking = modal(section(), entry("plain_text_input"))
    del asking["submit"]

    assert messages_of(asking) == [
        "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/1/input]"
    ]
    assert check_view(home(entry("plain_text_input"))) == []


def test_what_slack_adds_to_a_view_may_not_be_sent_back() -> None:
    assert messages_of(modal(id="V1")) == ["invalid additional property: id [json-pointer:/view]"]
    assert messages_of(home(submit=plain())) == ["invalid additional property: submit [json-pointer:/view]"]


def test_the_blocks_of_a_view_are_checked_where_they_stand() -> None:
    problems = check_view(modal(section(text=mrkdwn(""))))

    assert [problem.pointer for problem in problems] == ["/view/blocks/0/text/text"]
    assert slack_error(problems, kind="view") == "invalid_arguments"
    assert [problem.words for problem in check_view(modal() | {"blocks": []})] == ["must provide at least 1 items"]


def test_only_one_element_takes_the_focus() -> None:
    first, second = (entry("plain_text_input", focus_on_load=True, action_id=name) for name in ("a", "b"))

    assert check_view(modal(first, entry("plain_text_input", focus_on_load=False))) == []
    assert [problem.pointer for problem in check_view(modal(first, second))] == ["/view/blocks/1/element/focus_on_load"]


def test_a_view_of_more_than_250_kilobytes_is_too_large() -> None:
    view = modal(*[section(text=mrkdwn("x" * 3000))] * 100)

    problems = check_view(view)

    assert slack_error(problems, kind="view") == "view_too_large"
    assert check_view(modal(*[section(text=mrkdwn("x" * 2000))] * 100)) == []


def test_metadata_has_a_type_and_a_payload_of_plain_values() -> None:
    card = {"event_type": "slipway_card", "event_payload": {"subject": "change:42", "revision": 3, "final": False}}
    nested = {"event_type": "x", "event_payload": {"list": ["a", 1], "object": {"key": "value"}}}

    assert check_metadata(card) == []
    assert check_metadata(nested) == []
    assert check_metadata({"event_type": "x", "event_payload": {}}) == []


@pytest.mark.parametrize(
    ("metadata", "error", "pointer"),
    [
        ("slipway_card", "invalid_metadata_format", "/metadata"),
        ({"event_type": "x"}, "invalid_metadata_schema", "/metadata"),
        ({"event_payload": {}}, "invalid_metadata_schema", "/metadata"),
        ({"event_type": "", "event_payload": {}}, "invalid_metadata_schema", "/metadata/event_type"),
        ({"event_type": "a b", "event_payload": {}}, "invalid_metadata_schema", "/metadata/event_type"),
        ({"event_type": "x", "event_payload": []}, "invalid_metadata_schema", "/metadata/event_payload"),
        ({"event_type": "x", "event_payload": {"a": None}}, "invalid_metadata_schema", "/metadata/event_payload/a"),
        (
            {"event_type": "x", "event_payload": {"a": {"b": {"c": 1}}}},
            "invalid_metadata_schema",
            "/metadata/event_payload/a/b",
        ),
        ({"event_type": "x", "event_payload": {}, "more": 1}, "invalid_metadata_schema", "/metadata"),
        ({"event_type": "x", "event_payload": {"a": "x" * 16_000}}, "metadata_too_large", "/metadata"),
    ],
)
def test_other_metadata_is_refused(metadata: object, error: str, pointer: str) -> None:
    problems = check_metadata(metadata)

    assert [problem.pointer for problem in problems] == [pointer]
    assert slack_error(problems, kind="metadata") == error
