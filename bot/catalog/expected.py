"""What pydantic finds wrong with a value, in the words of people: one table for catalogs, settings and what is typed.

pydantic's own words speak of inputs and types. None of them is ever shown: what the table does not know is said in
general, and what a validator of ours says is shown as it is.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, get_args

from pydantic_core import ErrorDetails, core_schema

from bot.domain import duration

from .nearest import as_name, did_you_mean, listed

DURATION = "a duration with its unit: 20s, 10m, 1h30m or 2d"
_TEXT, _WHOLE, _NUMBER, _TRUTH, _LIST = "text", "a whole number", "a number", "true or false", "a list"
_MAPPING, _DATE, _TIME = "a mapping (key: value)", "a date such as 2026-11-24", "a time such as 14:00"
_ADDRESS = "an address such as https://example.com"
_EXPECTED = {
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "string_not_ascii": "text of plain letters (ASCII)",
    "bytes_type": _TEXT,
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "a whole number that is not so long",
    "finite_number": "a finite number",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "iterable_type": _LIST,
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "dataclass_type": _MAPPING,
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "multiple_of": "a multiple of {multiple_of}",
    "too_short": "at least {min_length} in it",
    "too_long": "at most {max_length} in it",
    "time_delta_type": DURATION,
    "time_delta_parsing": DURATION,
    "duration": DURATION,  # our own, from fields.py
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "time_type": _TIME,
    "time_parsing": _TIME,
    "url_type": _ADDRESS,
    "url_parsing": _ADDRESS,
    "url_scheme": "an address that begins with {expected_schemes}",
    "path_type": "a path",
    "ip_any_address": "an IP address such as 192.0.2.1",
    "invalid_key": "a key that is text",
    "none_required": "nothing",
}
_BUILT_IN = frozenset(get_args(core_schema.ErrorType))
_OURS = {"value_error", "assertion_error"}
_QUOTED = re.compile(r"'([^']+)'")
_PATTERNS = {
    r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$": "a name of lower-case letters, digits and hyphens, at most 40",
    r"^[UW][A-Z0-9]{2,}$": "a Slack user id such as U012AB3CD",
    r"^[1-9][0-9]{0,2}$": "up to three digits, such as 82",
    r"^https?://.+$": _ADDRESS,
    r"^([01]\d|2[0-3]):[0-5]\d$": "a time of the day such as “09:00”, with its quotation marks",
    r"^[^.\s]+(\.[^.\s]+)*$": "a dotted path such as labels.alertname",
    r"^[a-z0-9][a-z0-9_-]*$": "a project's name: lower-case letters, digits, - and _",
}
_APART = re.compile(r"[,\s]+")
_LONGEST = 60


def said(detail: ErrorDetails, *, secret: bool = False) -> str:
    """Say what was found and what was expected; of a secret only what was expected."""
    wanted = expected(detail)
    if wanted is None:
        return "this cannot be right" if secret else _own_words(detail)
    if secret:
        return f"expected {wanted}"
    near = _near(detail)
    return f"{found(detail['input'])} was found, expected {wanted}{', ' + near if near else ''}"


def expected(detail: ErrorDetails) -> str | None:
    """Say what was expected; None where a validator of somebody's own has said it in a sentence."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(str(context["pattern"]), f"text like {context['pattern']}")
    words = _allowed(context)
    if words:
        return f"one of {listed(words)}"
    if kind in _EXPECTED:
        plain = {name: _plain(value) for name, value in context.items()}
        return re.sub(r"\b1 characters$", "1 character", _EXPECTED[kind].format(**plain))
    return "something else" if kind in _BUILT_IN - _OURS else None


def found(value: object) -> str:
    """Name what was found, as it is written in the file."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping" if value else "an empty mapping"
        case list() | tuple():
            return "a list" if value else "an empty list"
        case bool():
            return f"“{str(value).lower()}”"
        case "":
            return "empty text"
        case timedelta():
            return f"“{duration.written(value)}”"
        case _:
            text = str(value)
            return f"“{text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}”"


def _own_words(detail: ErrorDetails) -> str:
    error = detail.get("ctx", {}).get("error")
    return str(error) if detail["type"] in _OURS and error is not None else detail["msg"]


def _allowed(context: Mapping[str, Any]) -> list[str]:
    """Return the words of a literal or an enumeration, which pydantic gives in a sentence."""
    return _QUOTED.findall(str(context.get("expected", "")))


def _plain(value: object) -> object:
    return duration.written(value) if isinstance(value, timedelta) else value


def _near(detail: ErrorDetails) -> str:
    """Ask whether something right was meant, where that can be told from what was found."""
    value, kind, context = detail["input"], detail["type"], detail.get("ctx", {})
    if isinstance(value, dict | list | tuple | None):
        return ""
    if kind in {"list_type", "tuple_type"} and isinstance(value, str) and value:
        items = ", ".join(_APART.split(value.strip()))
        return f"did you mean [{items}]?"
    if kind == "string_pattern_mismatch":
        return _near_pattern(str(value), str(context["pattern"]))
    return did_you_mean(str(value), _allowed(context))


def _near_pattern(value: str, pattern: str) -> str:
    for meant in (as_name(value), value.upper()):
        if re.fullmatch(pattern, meant) and pattern in _PATTERNS:
            return f"did you mean “{meant}”?"
    return ""
