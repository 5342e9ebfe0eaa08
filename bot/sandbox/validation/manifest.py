"""Slack's app manifest: names, limits, addresses, and whether the scopes cover what is subscribed to.

Written from the facts of Slack's manifest schema and of its errors. The parts only Slack's own hosted platform uses
(functions, workflows, datastores, …) are let through unread: this project has none.
"""

import re
from collections.abc import Iterator, Mapping

from bot.sandbox.validation.events import EVENT_SCOPES
from bot.sandbox.validation.problem import Problem, at, wrong
from bot.sandbox.validation.shape import (
    WEB_URL,
    Check,
    Thing,
    anything,
    array,
    boolean,
    enum,
    integer,
    listed,
    mapping,
    string,
    thing,
    url,
)

_COLOUR = re.compile(r"#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?")
_COMMAND = re.compile(r"/\S+")
_DOMAIN = re.compile(r"(?![.-])[-a-z0-9.]+[a-z0-9]")
_OCTET = r"(25[0-5]|2[0-4]\d|1\d{2}|\d{1,2})"
_ADDRESSES = re.compile(rf"({_OCTET}\.){{3}}{_OCTET}(/(3[0-2]|[12]?\d))?")
_SCOPE = re.compile(r"[a-z_.]+(:[a-z_.]+)*")
_EVENT_URL = url(3500, WEB_URL)

_DISPLAY = thing(
    {
        "name": string(most=35),
        "description": string(most=140),
        "long_description": string(least=175, most=4000),
        "background_color": string(like=_COLOUR, words="must be a colour: #rgb or #rrggbb"),
    },
    required=["name"],
)
_PROMPTS = array(thing({"title": string(), "message": string()}, required=["title", "message"]), least=0, most=4)
_FEATURES: dict[str, Check] = {
    "app_home": thing(
        {"home_tab_enabled": boolean, "messages_tab_enabled": boolean, "messages_tab_read_only_enabled": boolean}
    ),
    "bot_user": thing({"display_name": string(most=80), "always_online": boolean}, required=["display_name"]),
    "shortcuts": array(
        thing(
            {
                "name": string(most=24),
                "type": enum("message", "global"),
                "callback_id": string(most=255),
                "description": string(most=150),
            },
            required=["name", "type", "callback_id", "description"],
        ),
        most=10,
    ),
    "slash_commands": array(
        thing(
            {
                "command": string(least=2, most=32, like=_COMMAND, words="must start with / and have no spaces"),
                "description": string(most=2000),
                "usage_hint": string(most=1000),
                "url": url(3000, WEB_URL),
                "should_escape": boolean,
            },
            required=["command", "description"],
        ),
        most=50,
    ),
    "unfurl_domains": array(string(most=255, like=_DOMAIN, words="must be a domain"), most=5),
    "workflow_steps": array(
        thing({"name": string(most=50), "callback_id": string(most=50)}, required=["name", "callback_id"]), most=10
    ),
    "assistant_view": thing(
        {"assistant_description": string(), "suggested_prompts": _PROMPTS}, required=["assistant_description"]
    ),
    "agent_view": thing(
        {
            "agent_description": string(most=300),
            "suggested_prompts": _PROMPTS,
            "actions": array(
                thing({"name": string(), "description": string()}, required=["name", "description"]), least=0
            ),
        }
    ),
    "functions": anything,
}
_SCOPES = array(string(most=50, like=_SCOPE, words="is not a scope"), least=0, most=255)
_OAUTH: dict[str, Check] = {
    "redirect_urls": array(string(most=2500), least=0, most=1000),
    "scopes": thing(dict.fromkeys(("bot", "user", "bot_optional", "user_optional"), _SCOPES)),
    "token_management_enabled": boolean,
    "pkce_enabled": boolean,
}
_EVENTS = array(string(most=50), least=0, most=100)
_SETTINGS: dict[str, Check] = {
    "allowed_ip_address_ranges": array(string(like=_ADDRESSES, words="must be an IPv4 address or range"), most=50),
    "event_subscriptions": thing(
        {
            "request_url": _EVENT_URL,
            "bot_events": _EVENTS,
            "user_events": _EVENTS,
            "metadata_subscriptions": array(
                thing({"app_id": string(), "event_type": string(most=50)}, required=["app_id", "event_type"]), most=20
            ),
        }
    ),
    "incoming_webhooks": thing({"incoming_webhooks_enabled": boolean}),
    "interactivity": thing(
        {"is_enabled": boolean, "request_url": _EVENT_URL, "message_menu_options_url": _EVENT_URL},
        required=["is_enabled"],
    ),
    "org_deploy_enabled": boolean,
    "socket_mode_enabled": boolean,
    "token_rotation_enabled": boolean,
    "is_hosted": boolean,
    "is_mcp_enabled": boolean,
    "siws_links": thing({"initiate_uri": url(3500)}),
    "hermes_app_type": string(),
    "function_runtime": string(),
}
_UNREAD = ("app_directory", "functions", "workflows", "datastores", "outgoing_domains", "types")
_MANIFEST = thing(
    {
        "$schema": string(),
        "_metadata": thing(
            dict.fromkeys(("schema_version", "min_version", "major_version", "minor_version"), integer())
        ),
        "display_information": _DISPLAY,
        "features": thing(_FEATURES),
        "oauth_config": thing(_OAUTH),
        "settings": thing(_SETTINGS),
        "external_auth_providers": mapping,
        "mcp_servers": mapping,
    }
    | dict.fromkeys(_UNREAD, anything),
    required=["display_information"],
)


def check_manifest(manifest: object) -> list[Problem]:
    """Find everything Slack would refuse in an app manifest; pointers begin at its root."""
    problems = list(_MANIFEST(manifest, ""))
    if isinstance(manifest, Mapping) and not problems:
        for rule in (_addresses, _twice, _events, _needed):
            problems += rule(manifest)
    return problems


def _part(manifest: Thing, *path: str) -> Thing:
    for name in path:
        found = manifest.get(name)
        manifest = found if isinstance(found, Mapping) else {}
    return manifest


def _by_socket(manifest: Thing) -> bool:
    return _part(manifest, "settings").get("socket_mode_enabled") is True


def _addresses(manifest: Thing) -> Iterator[Problem]:
    """Require addresses where Socket Mode is off."""
    if _by_socket(manifest):
        return
    events = _part(manifest, "settings", "event_subscriptions")
    if (listed(events, "bot_events") or listed(events, "user_events")) and "request_url" not in events:
        words = "Event Subscription requires either Request URL or Socket Mode Enabled"
        yield wrong("/settings/event_subscriptions", words, "required", expected=("request_url",))
    interactivity = _part(manifest, "settings", "interactivity")
    if interactivity.get("is_enabled") is True and "request_url" not in interactivity:
        words = "Interactivity requires a Request URL"
        yield wrong("/settings/interactivity", words, "required", expected=("request_url",))
    for index, command in enumerate(listed(_part(manifest, "features"), "slash_commands")):
        if isinstance(command, Mapping) and "url" not in command:
            words = "Slash Command requires a Request URL"
            yield wrong(f"/features/slash_commands/{index}", words, "required", expected=("url",))


def _twice(manifest: Thing) -> Iterator[Problem]:
    """Refuse names given twice."""
    features = _part(manifest, "features")
    settings = _part(manifest, "settings")
    events = _part(settings, "event_subscriptions")
    scopes = _part(manifest, "oauth_config", "scopes")
    places: list[tuple[str, list[object]]] = [
        ("/features/slash_commands", [_name(item, "command") for item in listed(features, "slash_commands")]),
        ("/features/shortcuts", [_name(item, "callback_id") for item in listed(features, "shortcuts")]),
        ("/features/unfurl_domains", listed(features, "unfurl_domains")),
        ("/settings/event_subscriptions/bot_events", listed(events, "bot_events")),
        ("/settings/event_subscriptions/user_events", listed(events, "user_events")),
        ("/settings/allowed_ip_address_ranges", listed(settings, "allowed_ip_address_ranges")),
        ("/oauth_config/scopes/bot", listed(scopes, "bot")),
        ("/oauth_config/scopes/user", listed(scopes, "user")),
        ("/oauth_config/redirect_urls", listed(_part(manifest, "oauth_config"), "redirect_urls")),
    ]
    for pointer, names in places:
        for index, name in enumerate(names):
            if name in names[:index]:
                yield wrong(at(pointer, index), f'"{name}" is given more than once', "unique")


def _name(item: object, field: str) -> object:
    return item.get(field) if isinstance(item, Mapping) else None


def _events(manifest: Thing) -> Iterator[Problem]:
    """Require that every event exists, and that one of its scopes is asked for."""
    granted = _granted(manifest)
    subscribed = listed(_part(manifest, "settings", "event_subscriptions"), "bot_events")
    for index, event in enumerate(subscribed):
        pointer = f"/settings/event_subscriptions/bot_events/{index}"
        scopes = EVENT_SCOPES.get(str(event))
        if scopes is None:
            yield wrong(pointer, f"unknown event: {event}", "enum")
        elif scopes and not scopes & granted:
            listing = " or ".join(sorted(scopes))
            yield wrong(pointer, f"{event} requires the scope {listing}", "scope", expected=tuple(sorted(scopes)))


def _granted(manifest: Thing) -> set[str]:
    scopes = _part(manifest, "oauth_config", "scopes")
    return {str(scope) for scope in listed(scopes, "bot") + listed(scopes, "bot_optional")}


def _needed(manifest: Thing) -> Iterator[Problem]:
    """Require a bot user for bot scopes and events, and the scope `commands` for commands and shortcuts."""
    features, granted = _part(manifest, "features"), _granted(manifest)
    subscribed = listed(_part(manifest, "settings", "event_subscriptions"), "bot_events")
    if (granted or subscribed) and "bot_user" not in features:
        yield wrong("/features", "Bot scopes and bot events require a bot user", "required", expected=("bot_user",))
    for name in ("slash_commands", "shortcuts"):
        if listed(features, name) and "commands" not in granted:
            pointer = f"/features/{name}"
            yield wrong(pointer, f"{name} require the scope commands", "scope", expected=("commands",))
