"""From pydantic's findings to sentences for the person who wrote the file."""

import re
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from .models import Catalog
from .nearest import did_you_mean, listed
from .positions import Document
from .problems import Place, Problem
from .sections import Kinds, Section, Step

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "dict_type": "a mapping (key: value)",
    "mapping_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "string_too_short": "at least {min_length} character(s)",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length} in it",
    "too_long": "at most {max_length} in it",
}
_QUOTED = re.compile(r"'([^']+)'")
_PATTERNS = {
    r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$": "a name of lower-case letters, digits and hyphens, at most 40",
    r"^[UW][A-Z0-9]{2,}$": "a Slack user id such as U012AB3CD",
}


def worded(detail: ErrorDetails, document: Document, kinds: Kinds) -> Problem:
    """Turn one finding into a problem with its position."""
    context = detail.get("ctx", {})
    place = detail["loc"]
    is_key = bool(place) and place[-1] == "[key]"
    if is_key:
        place = place[:-1]
    match detail["type"]:
        case "missing":
            return Problem(document.mark(place[:-1], key=True), place[:-1], _missing(place, document.value, kinds))
        case "extra_forbidden":
            return Problem(document.mark(place, key=True), place, _unknown_key(place, document.value, kinds))
        case "unknown_word":
            place = (*place, context["within"]) if context["within"] else place
            return Problem(document.mark(place), place, context["text"])
        case "value_error":
            return Problem(document.mark(place), place, str(context["error"]))
        case _:
            return Problem(document.mark(place, key=is_key), place, _wrong_value(detail, context))


def _wrong_value(detail: ErrorDetails, context: Mapping[str, Any]) -> str:
    expected = _EXPECTED.get(detail["type"])
    if detail["type"] == "string_pattern_mismatch":
        expected = _PATTERNS.get(str(context["pattern"]), f"text like {context['pattern']}")
    if expected is None:  # a finding of somebody else's model, or one of our own sentences
        return detail["msg"]
    words = _QUOTED.findall(str(context.get("expected", "")))
    wanted = f"one of {listed(words)}" if words else expected.format(**context)
    near = did_you_mean(str(detail["input"]), words)
    return f"{_found(detail['input'])} was found, expected {wanted}{', ' + near if near else ''}"


def _found(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list" if value else "an empty list"
        case bool():
            return str(value).lower()
        case "":
            return "empty text"
        case _:
            return f"“{value}”"


def _missing(place: Place, value: object, kinds: Kinds) -> str:
    model = _model_at(place[:-1], value, kinds)
    fields = model.model_fields.items() if model else []
    meant = next((field.description for name, field in fields if place[-1] in (name, field.alias)), None)
    return f"“{place[-1]}” is missing" + (f"; expected {meant}" if meant else "")


def _unknown_key(place: Place, value: object, kinds: Kinds) -> str:
    model = _model_at(place[:-1], value, kinds)
    known = [field.alias or name for name, field in model.model_fields.items()] if model else []
    near = did_you_mean(str(place[-1]), known)
    return f"“{place[-1]}” is unknown here; there are {listed(known)}{', ' + near if near else ''}"


def _model_at(place: Place, value: object, kinds: Kinds) -> type[BaseModel] | None:
    """Return the model of what is at a place, by going down the models beside the value."""
    here: object = Catalog
    for part in place:
        here = _within(here, part, kinds)
        value = value[part] if isinstance(value, (dict, list)) else None  # type: ignore[index]  # the place exists
        if here is Section and isinstance(value, dict):
            models = {"backend": kinds.backends, "source": kinds.sources}
            here = models[str(part)].get(str(value.get("kind")))
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _within(annotation: object, part: str | int, kinds: Kinds) -> object:
    """Return the type of what is found under one part of a place."""
    if annotation is Step:
        return kinds.steps.get(str(part))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if part in (name, field.alias):
                return _bare(field.annotation)
        return None
    arguments = [argument for argument in get_args(annotation) if argument is not Ellipsis]
    return _bare(arguments[-1]) if arguments else None


def _bare(annotation: object) -> object:
    """Return a type without Annotated and Optional around it."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _bare(next(argument for argument in get_args(annotation) if argument is not NoneType))
    return annotation
