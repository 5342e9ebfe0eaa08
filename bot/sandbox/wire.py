"""JSON as it travels: the one alias for an object whose members Slack, not we, decides.

Slack's payloads are open records (new members appear every month), so a class per payload would be wrong within weeks.
Everything of our own has a class; only what crosses the wire is `Json`.
"""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]


def compact(value: object) -> str:
    """Return the value as JSON without spaces, letters of every script as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def parsed(text: str | bytes) -> Any:  # noqa: ANN401 - whatever the sender wrote; callers look before they use it
    """Return what the JSON text says, or None when it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, UnicodeDecodeError):
        return None
