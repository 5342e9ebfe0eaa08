"""What Slack refuses of an app manifest."""

import copy
from typing import Any

import pytest

from bot.sandbox.validation import check_manifest, slack_error

Json = dict[str, Any]

GOOD: Json = {
    "_metadata": {"major_version": 2},
    "display_information": {"name": "Slipway", "description": "Deploys", "background_color": "#1d3557"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": False},
        "bot_user": {"display_name": "Slipway", "always_online": True},
        "slash_commands": [
            {"command": "/deploy", "description": "Deploy", "usage_hint": "staging", "should_escape": True},
            {"command": "/status", "description": "What is live"},
        ],
        "shortcuts": [{"name": "Deploy", "type": "global", "callback_id": "deploy", "description": "Deploy"}],
    },
    "oauth_config": {
        "scopes": {"bot": ["chat:write", "commands", "app_mentions:read", "channels:read", "usergroups:read"]}
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": ["app_home_opened", "app_mention", "member_joined_channel", "subteam_members_changed"]
        },
        "interactivity": {"is_enabled": True},
        "org_deploy_enabled": False,
        "socket_mode_enabled": True,
        "token_rotation_enabled": False,
    },
}


def changed(path: str, value: object) -> Json:
    """The good manifest with one value changed; `...` takes it out."""
    manifest = copy.deepcopy(GOOD)
    *parents, last = path.split("/")
    place: Any = manifest
    for name in parents:
        place = place[int(name) if isinstance(place, list) else name]
    if value is ...:
        del place[last]
    elif isinstance(place, list) and int(last) == len(place):
        place.append(value)
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return manifest


def test_a_good_manifest_passes() -> None:
    assert check_manifest(GOOD) == []


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("display_information/name", 35),
        ("display_information/description", 140),
        ("display_information/long_description", 4000),
        ("features/bot_user/display_name", 80),
        ("features/slash_commands/0/description", 2000),
        ("features/slash_commands/0/usage_hint", 1000),
        ("features/shortcuts/0/name", 24),
        ("features/shortcuts/0/callback_id", 255),
        ("features/shortcuts/0/description", 150),
    ],
)
def test_a_text_has_a_greatest_length(path: str, most: int) -> None:
    assert check_manifest(changed(path, "x" * most)) == []
    assert [problem.pointer for problem in check_manifest(changed(path, "x" * (most + 1)))] == [f"/{path}"]
    assert [problem.pointer for problem in check_manifest(changed(path, ""))] == [f"/{path}"]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("display_information/name", ..., "missing required field: name"),
        ("display_information/logo", "x", "invalid additional property: logo"),
        ("display_information/long_description", "x" * 174, "must be more than 174 characters"),
        ("display_information/background_color", "blue", "must be a colour: #rgb or #rrggbb"),
        ("features/bot_user/display_name", ..., "missing required field: display_name"),
        ("features/bot_user", ..., "Bot scopes and bot events require a bot user"),
        ("features/slash_commands/0/command", "deploy", "must start with / and have no spaces"),
        ("features/slash_commands/0/command", "/" + "x" * 32, "must be less than 33 characters"),
        ("features/slash_commands/0/description", ..., "missing required field: description"),
        ("features/slash_commands/1/command", "/deploy", '"/deploy" is given more than once'),
        ("features/slash_commands", [], "must provide at least 1 items"),
        (
            "features/slash_commands",
            [{"command": f"/c{n}", "description": "x"} for n in range(51)],
            "no more than 50 items allowed",
        ),
        ("features/shortcuts/0/type", "channel", "must be a valid enum value"),
        ("features/unfurl_domains", ["a.io"] * 6, "no more than 5 items allowed"),
        ("settings/interactivity/is_enabled", ..., "missing required field: is_enabled"),
        ("settings/socket_mode_enabled", "yes", "must provide a boolean"),
        ("settings/allowed_ip_address_ranges", ["999.1.1.1"], "must be an IPv4 address or range"),
        ("settings/event_subscriptions/bot_events/0", "app_opened", "unknown event: app_opened"),
        ("settings/event_subscriptions/bot_events/4", "app_mention", '"app_mention" is given more than once'),
        (
            "settings/event_subscriptions/bot_events/4",
            "reaction_added",
            "reaction_added requires the scope reactions:read",
        ),
        (
            "settings/event_subscriptions/bot_events/4",
            "message.groups",
            "message.groups requires the scope groups:history",
        ),
        ("oauth_config/scopes/bot/5", "Chat Write", "is not a scope"),
        ("oauth_config/scopes/bot/5", "commands", '"commands" is given more than once'),
    ],
)
def test_one_mistake_is_named_at_its_place(path: str, value: object, words: str) -> None:
    problems = check_manifest(changed(path, value))

    assert words in [problem.words for problem in problems]
    place = f"/{path}"
    assert all(place.startswith(problem.pointer) or problem.pointer.startswith(place) for problem in problems)
    assert slack_error(problems, kind="manifest") == "invalid_manifest"


def test_without_socket_mode_slack_must_know_where_to_send_things() -> None:
    problems = check_manifest(changed("settings/socket_mode_enabled", value=False))

    assert [(problem.pointer, problem.words) for problem in problems] == [
        ("/settings/event_subscriptions", "Event Subscription requires either Request URL or Socket Mode Enabled"),
        ("/settings/interactivity", "Interactivity requires a Request URL"),
        ("/features/slash_commands/0", "Slash Command requires a Request URL"),
        ("/features/slash_commands/1", "Slash Command requires a Request URL"),
    ]


def test_an_address_is_a_web_address() -> None:
    assert check_manifest(changed("settings/interactivity/request_url", "https://example.com/slack/events")) == []
    assert len(check_manifest(changed("settings/interactivity/request_url", "example.com"))) == 1


def test_commands_need_their_scope() -> None:
    without = changed(
        "oauth_config/scopes/bot", ["chat:write", "app_mentions:read", "channels:read", "usergroups:read"]
    )

    assert [problem.pointer for problem in check_manifest(without)] == [
        "/features/slash_commands",
        "/features/shortcuts",
    ]


@pytest.mark.parametrize("nonsense", [None, [], "name: Slipway", {}, {"display_information": None}])
def test_what_is_no_manifest_is_refused(nonsense: object) -> None:
    assert len(check_manifest(nonsense)) == 1
