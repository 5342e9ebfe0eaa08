"""What Slack checks in a modal before it asks the app: required, too short, too long, not a number, not an address."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from .elements import Placed, placed
from .wire import Json

REQUIRED = "Please complete this required field."
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
URL = re.compile(r"https?://\S+", re.IGNORECASE)


def complaints(blocks: list[Json], values: Json) -> dict[str, str]:
    """Return what is wrong, by block_id; empty when the form may be sent. `values` is `state.values`."""
    found: dict[str, str] = {}
    for part in placed(blocks):
        if part.block.get("type") == "input":
            value = values[part.block_id][part.action_id][part.member]
            if complaint := _complaint(part, value):
                found[part.block_id] = complaint
    return found


def _complaint(part: Placed, value: object) -> str | None:
    """Return what is wrong with one input, or None."""
    if value is None or value in ("", []):
        return None if part.block.get("optional") else REQUIRED
    if isinstance(value, list):
        most = part.element.get("max_selected_items")
        return f"You can choose at most {most}." if most is not None and len(value) > most else None
    if part.kind == "number_input":
        return _number(part.element, str(value))
    if part.kind == "email_text_input" and not EMAIL.fullmatch(str(value)):
        return "Please enter a valid email address."
    if part.kind == "url_text_input" and not URL.fullmatch(str(value)):
        return "Please enter a valid URL."
    return _length(part.element, value) if part.kind == "plain_text_input" else None


def _length(element: Json, value: object) -> str | None:
    """Return what is wrong with a text's length, or None."""
    length, least, most = len(str(value)), element.get("min_length", 0), element.get("max_length", 3000)
    if length < least:
        return f"This should have at least {least} characters; it has {length}."
    return f"This should have at most {most} characters; it has {length}." if length > most else None


def _number(element: Json, value: str) -> str | None:
    """Return what is wrong with a number, or None."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "Please enter a number."
    if not number.is_finite() or (number != number.to_integral_value() and not element.get("is_decimal_allowed")):
        return "Please enter a whole number." if number.is_finite() else "Please enter a number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and number < Decimal(str(least)):
        return f"Please enter a number that is at least {least}."
    return (
        f"Please enter a number that is at most {most}." if most is not None and number > Decimal(str(most)) else None
    )
