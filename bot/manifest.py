"""The app manifest that Slack reads, made from the words in commands/ and what the bot calls and hears.

`app-manifest.yml` is this, written down; a test fails when the two part.
"""

from io import StringIO

from ruamel.yaml import YAML

from bot.views.help import Line
from bot.vocabulary import Vocabulary

WHERE = "https://slipway.example.com/slack/events"
SCOPES = (
    "channels:history",  # look for a card that may have been posted; hear what is said in a card's thread
    "channels:read",  # find channels by name
    "chat:write",
    "chat:write.public",  # post to public channels without being invited
    "commands",
    "files:write",  # give Slack the pictures that messages show
    "groups:history",  # the same two for private channels
    "groups:read",
    "im:history",  # look for what may have been told to a person
    "im:write",  # tell people what cannot be told in a channel
    "reactions:read",  # who says by an emoji that they are at an alert
    "team:read",
    "usergroups:read",  # who may deploy and approve
    "users:read",  # names, time zones, who is a guest
)
EVENTS = (
    "app_home_opened",
    "message.channels",
    "message.groups",
    "reaction_added",
    "reaction_removed",
    "subteam_created",
    "subteam_members_changed",
    "subteam_updated",
    "user_change",
)
LONG = (
    "Slipway deploys your services, asks the right people for approval, keeps a ledger of every release that nobody "
    "can rewrite, and rolls back to what was good. Type /slipway help to see its words. It never says what is not so: "
    "what cannot be known is shown as unknown, and a person is asked."
)


def manifest() -> dict[str, object]:
    """Return the manifest as plain values."""
    lines = [*Vocabulary.found().lines(), Line("slipway", " <word> [arguments…]", "Every word in one: /slipway help")]
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Slipway",
            "description": "Deploys, approvals and rollbacks, with a ledger",
            "long_description": LONG,
            "background_color": "#14324a",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "Slipway", "always_online": True},
            "slash_commands": [_command(line) for line in sorted(lines, key=lambda one: one.word)],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"request_url": WHERE, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, "request_url": WHERE},
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }


def _command(line: Line) -> dict[str, object]:
    made: dict[str, object] = {"command": f"/{line.word}", "url": WHERE, "description": line.summary}
    hint = line.hint.strip()
    return made | ({"usage_hint": hint} if hint else {}) | {"should_escape": line.mentions}


def render() -> str:
    """Return the manifest as YAML."""
    yaml = YAML()
    yaml.width = 118
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    out.write("# Made by `slipway manifest`; change bot/manifest.py or commands/, and make it again.\n")
    out.write("# Put your own address in place of slipway.example.com, or switch socket_mode_enabled on.\n")
    yaml.dump(manifest(), out)
    return out.getvalue()
