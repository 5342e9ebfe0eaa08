"""Slack's composition objects: the small things blocks and elements are made of (texts, options, confirm dialogs)."""

from bot.sandbox.validation.shape import (
    WEB_URL,
    Check,
    array,
    at_least_one,
    boolean,
    by_type,
    enum,
    exactly_one,
    string,
    thing,
    url,
)

TEXT_MOST = 3000


def plain(most: int = TEXT_MOST) -> Check:
    """Expect a plain_text object of at most so many characters; mrkdwn is refused."""
    return by_type({"plain_text": _plain(most)})


def text(most: int = TEXT_MOST) -> Check:
    """Expect a text object of either kind."""
    return by_type({"plain_text": _plain(most), "mrkdwn": _mrkdwn(most)})


def mrkdwn(most: int = TEXT_MOST) -> Check:
    """Expect a mrkdwn object."""
    return by_type({"mrkdwn": _mrkdwn(most)})


def _plain(most: int) -> Check:
    return thing({"type": enum("plain_text"), "text": string(most=most), "emoji": boolean}, required=["text"])


def _mrkdwn(most: int) -> Check:
    return thing({"type": enum("mrkdwn"), "text": string(most=most), "verbatim": boolean}, required=["text"])


STYLE = enum("primary", "danger")

CONFIRM = thing(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30), "style": STYLE},
    required=["text"],
)
"""Slack fills in title and buttons that are not given."""

PLACEHOLDER = plain(150)

MENU_OPTION = thing(
    {"text": plain(75), "value": string(most=150), "description": plain(75)},
    required=["text", "value"],
)
"""An option of a select; value 150 by the documentation and slack_sdk (the older type comments said 75)."""

BOX_OPTION = thing(
    {"text": text(75), "value": string(most=150), "description": text(75)},
    required=["text", "value"],
)
"""An option of checkboxes and radio buttons, which may be mrkdwn."""

OVERFLOW_OPTION = thing(
    {"text": plain(75), "value": string(most=150), "description": plain(75), "url": url()},
    required=["text"],
)
"""An option of an overflow menu: the only one that may open an address."""

OPTION_GROUP = thing({"label": plain(75), "options": array(MENU_OPTION, most=100)}, required=["label", "options"])

DISPATCH = thing(
    {"trigger_actions_on": array(enum("on_enter_pressed", "on_character_entered"), most=2)},
    required=["trigger_actions_on"],
)

CONVERSATION_FILTER = thing(
    {
        "include": array(enum("im", "mpim", "private", "public"), most=4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    rules=[at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users")],
)

SLACK_FILE = thing({"id": string(), "url": url()}, rules=[exactly_one("id", "url")])

IMAGE_FIELDS = {"image_url": url(like=WEB_URL), "slack_file": SLACK_FILE, "alt_text": string(most=2000)}
IMAGE_RULES = [exactly_one("image_url", "slack_file")]
