"""Slack's `rich_text`: sections, lists, quotes and preformatted text, and what may stand in a line of them."""

from bot.sandbox.validation.shape import (
    Check,
    array,
    boolean,
    by_type,
    enum,
    integer,
    string,
    thing,
    url,
)

_STYLE_NAMES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_STYLE = thing(dict.fromkeys(_STYLE_NAMES, boolean))


def _inline(fields: dict[str, Check], *required: str) -> Check:
    return thing({"type": string(), "style": _STYLE} | fields, required=required)


INLINE: dict[str, Check] = {
    "text": _inline({"text": string()}, "text"),
    "link": _inline({"url": url(), "text": string(), "unsafe": boolean}, "url"),
    "emoji": _inline(
        {"name": string(), "unicode": string(), "url": url(), "skin_tone": integer(1, 6), "display_url": url()}, "name"
    ),
    "user": _inline({"user_id": string()}, "user_id"),
    "channel": _inline({"channel_id": string()}, "channel_id"),
    "usergroup": _inline({"usergroup_id": string()}, "usergroup_id"),
    "team": _inline({"team_id": string()}, "team_id"),
    "broadcast": _inline({"range": enum("here", "channel", "everyone")}, "range"),
    "color": _inline({"value": string()}, "value"),
    "date": _inline(
        {"timestamp": integer(), "format": string(), "url": url(), "fallback": string()}, "timestamp", "format"
    ),
}

_LINE = array(by_type(INLINE), least=0)
_BORDER = integer(0, 1)
_SECTION = thing({"type": string(), "elements": _LINE}, required=["elements"])

STRUCTURES: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_list": thing(
        {
            "type": string(),
            "style": enum("bullet", "ordered"),
            "elements": array(by_type({"rich_text_section": _SECTION}), least=0),
            "indent": integer(0, 8),
            "offset": integer(0),
            "border": _BORDER,
        },
        required=["style", "elements"],
    ),
    "rich_text_quote": thing({"type": string(), "elements": _LINE, "border": _BORDER}, required=["elements"]),
    "rich_text_preformatted": thing(
        {
            "type": string(),
            "elements": array(by_type(INLINE, allowed=("text", "link")), least=0),
            "border": _BORDER,
            "language": string(),
        },
        required=["elements"],
    ),
}

RICH_TEXT_FIELDS: dict[str, Check] = {
    "type": enum("rich_text"),
    "block_id": string(most=255),
    "elements": array(by_type(STRUCTURES), least=0),
}

RICH_TEXT = by_type({"rich_text": thing(RICH_TEXT_FIELDS, required=["elements"])})
"""A whole rich_text block, also where it stands inside another thing (table cells, task cards, initial values)."""
