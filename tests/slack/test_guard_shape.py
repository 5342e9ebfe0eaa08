"""What Slack signed is refused where it is not what Slack sends, before anything that would stumble over it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from bot.slack.shape import DEEPEST, Malformed, parse
from tests.fakes.posted import command, interaction

FORM, JSON = b"application/x-www-form-urlencoded", b"application/json"
USER = {"id": "U1", "username": "ndapewa"}
PRESS: dict[str, Any] = {
    "type": "block_actions",
    "user": USER,
    "container": {"type": "message"},
    "trigger_id": "1.2.x",
    "channel": {"id": "C1", "name": "deployments"},
    "actions": [{"type": "button", "action_id": "approve", "value": "1", "text": {"type": "plain_text", "text": "A"}}],
    "state": {"values": {"b": {"a": {"type": "plain_text_input", "value": None}}}},
}
OPTION = {"text": {"type": "plain_text", "text": "Staging"}, "value": "staging"}
STATE = {"values": {"b": {"a": {"type": "static_select", "selected_option": OPTION}}, "c": {"a": {"value": None}}}}
VIEW = {"id": "V1", "type": "modal", "callback_id": "deploy", "private_metadata": "{}", "state": STATE}
SUBMISSION: dict[str, Any] = {"type": "view_submission", "user": USER, "view": VIEW, "trigger_id": "1.2.x"}
EVENT: dict[str, Any] = {"type": "event_callback", "event": {"type": "message"}, "authorizations": []}
GOOD = [
    (command(), FORM),
    (command(text=""), FORM),
    (command(text="a payload=1 & {}"), b"application/x-www-form-urlencoded; charset=utf-8"),
    (command(text="<!channel> `x` \u202e ليلى " + "x" * 10_000), FORM),
    (b"ssl_check=1&token=x", FORM),
    (interaction(PRESS), FORM),
    (interaction(SUBMISSION), FORM),
    (interaction({**SUBMISSION, "type": "view_closed"}), b"Application/X-WWW-Form-URLencoded"),
    (interaction({"type": "shortcut", "callback_id": "x", "user": USER, "trigger_id": "1"}), FORM),
    (interaction({"type": "block_suggestion", "action_id": "x", "user": USER, "value": ""}), FORM),
    (json.dumps(EVENT).encode(), JSON),
    (json.dumps({"type": "app_rate_limited", "minute_rate_limited": 1}).encode(), JSON),
    (json.dumps({"type": "url_verification", "challenge": "x"}).encode(), b"application/json; charset=utf-8"),
    (json.dumps({**EVENT, "event": {"type": "user_change", "user": USER, "channel": {"id": "C1"}}}).encode(), JSON),
    (json.dumps({**EVENT, "event": {"type": "message", "text": "🚀 \U0001f468 é"}}).encode(), JSON),
]


@pytest.mark.parametrize(("body", "content_type"), GOOD)
def test_what_slack_sends_passes(body: bytes, content_type: bytes) -> None:
    assert parse(body, content_type)


def test_a_command_says_what_was_typed() -> None:
    text = "staging payload & = + % ليلى 🚀"

    assert parse(command(text=text), FORM)["text"] == text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"payload",
        b"payload=",
        b"payload=x",
        b"payload=[]",
        b"payload=null",
        b"payload=%22x%22",
        b"payload=%ff",
        b"payload={}",
        b"payload=" + quote('{"type":NaN}').encode(),
        b"payload=" + b"[" * 100_000,
        b"&".join(b"a%d=b" % number for number in range(200)),
        b"ssl_check=2",
        b"text=staging",
        command(command="deploy"),
        command(command=None),
        command(user_id=None),
        command(trigger_id=""),
        command(channel_id=None),
        command(response_url=None),
        command(text="a\0b"),
        command() + b"&text=%ff",
    ],
)
def test_forms_that_slack_does_not_send(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(body, FORM)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b'"x"',
        b"{}",
        b'{"type":1}',
        b'{"type":["event_callback"]}',
        b'{"type":"something_new"}',
        b'{"type":"block_actions"}',
        b'{"type":"url_verification"}',
        b'{"type":"url_verification","challenge":1}',
        b'{"type":"event_callback"}',
        b'{"type":"event_callback","event":null}',
        b'{"type":"event_callback","event":{}}',
        b'{"type":"event_callback","event":{"type":"message"},"n":NaN}',
        b'{"type":"event_callback","event":{"type":"message"},"n":' + b"9" * 5000 + b"}",
        b'{"type":"event_callback","event":{"type":"message"},"n":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"type":"event_callback","event":{"type":"message"},"n":' + b"[" * DEEPEST + b"]" * DEEPEST + b"}",
        b'{"type":"event_callback","event":{"type":"message","text":"\\u0000"}}',
        b'{"type":"event_callback","event":{"type":"message","text":"\\ud83d"}}',
        b'{"type":"event_callback","event":{"type":"message","\\ud83d":1}}',
        b'{"type":"event_callback","event":{"type":"message"},"authorizations":7}',
        b'{"type":"event_callback","event":{"type":"message"},"authorizations":["x"]}',
        b'{"type":"event_callback","event":{"type":"message","user":7}}',
    ],
)
def test_json_that_slack_does_not_send(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(body, JSON)


@pytest.mark.parametrize(
    "changed",
    [
        {"type": None},
        {"type": "dialog_submission"},
        {"type": "event_callback"},
        {"actions": []},
        {"actions": None},
        {"actions": {}},
        {"actions": ["approve"]},
        {"actions": [{"type": "button"}]},
        {"actions": [{"action_id": 7}]},
        {"actions": [{"action_id": "approve", "value": 7}]},
        {"user": None},
        {"user": "U1"},
        {"user": {"id": 7}},
        {"container": "message"},
        {"channel": 7},
        {"channel": "C1"},
        {"channel": {"id": 7}},
        {"trigger_id": None},
        {"team": []},
        {"enterprise": 1},
        {"response_urls": 3},
        {"response_urls": ["http://x"]},
        {"view": "V1"},
        {"trigger_id": 1},
        {"state": {"values": None}},
        {"state": {"values": []}},
        {"state": {"values": {"b": []}}},
        {"state": {"values": {"b": {"a": "x"}}}},
        {"state": {"values": {"b": {"a": {"value": 7}}}}},
        {"state": {"values": {"b": {"a": {"selected_option": {}}}}}},
        {"state": {"values": {"b": {"a": {"selected_option": "x"}}}}},
        {"state": {"values": {"b": {"a": {"selected_options": ["x"]}}}}},
        {"state": {"values": {"b": {"a": {"selected_options": 7}}}}},
    ],
    ids=json.dumps,
)
def test_interactions_that_slack_does_not_send(changed: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        parse(interaction(PRESS | changed), FORM)


@pytest.mark.parametrize(
    "changed",
    [
        {"state": None},
        {"state": {}},
        {"id": None},
        {"type": None},
        {"callback_id": 7},
        {"private_metadata": {}},
    ],
    ids=json.dumps,
)
def test_submissions_that_slack_does_not_send(changed: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        parse(interaction(SUBMISSION | {"view": VIEW | changed}), FORM)


@pytest.mark.parametrize("content_type", [b"", b"text/plain", b"multipart/form-data", b"application/jsonx", b"\xff"])
def test_other_kinds_of_content(content_type: bytes) -> None:
    with pytest.raises(Malformed):
        parse(command(), content_type)


def test_a_refusal_names_the_field_and_not_its_value() -> None:
    with pytest.raises(Malformed) as no:
        parse(interaction(PRESS | {"channel": ["hunter2"]}), FORM)

    assert no.value.sentence == "channel is of another kind than Slack sends."
