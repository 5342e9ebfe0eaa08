"""From pydantic's findings to sentences for the person who wrote the file, each with its place."""

from pydantic_core import ErrorDetails

from .expected import said
from .nearest import did_you_mean, listed
from .positions import Document
from .problems import Place, Problem
from .sections import Kinds
from .shapes import is_secret, model_at


def worded(detail: ErrorDetails, document: Document, kinds: Kinds) -> Problem:
    """Turn one finding into a problem with its position."""
    context, place = detail.get("ctx", {}), detail["loc"]
    is_key = bool(place) and place[-1] == "[key]"
    if is_key:
        place = place[:-1]
    match detail["type"]:
        case "missing":
            mark = document.mark(place[:-1], key=True)
            return Problem(mark, place[:-1], _missing(place, document.value, kinds))
        case "extra_forbidden":
            return Problem(document.mark(place, key=True), place, _unknown_key(place, document.value, kinds))
        case "unknown_word":
            place = (*place, context["within"]) if context["within"] else place
            return Problem(document.mark(place), place, context["text"])
        case _:
            secret = is_secret(place, document.value, kinds)
            return Problem(document.mark(place, key=is_key), place, said(detail, secret=secret))


def is_consequence(detail: ErrorDetails) -> bool:
    """Whether a finding only follows from others: a list is too short for pydantic when what is in it is wrong."""
    context, value = detail.get("ctx", {}), detail["input"]
    return detail["type"] == "too_short" and isinstance(value, list | dict) and len(value) >= context["min_length"]


def _missing(place: Place, value: object, kinds: Kinds) -> str:
    model = model_at(place[:-1], value, kinds)
    fields = model.model_fields.items() if model else []
    meant = next((field.description for name, field in fields if place[-1] in (name, field.alias)), None)
    return f"“{place[-1]}” is missing" + (f"; expected {meant}" if meant else "")


def _unknown_key(place: Place, value: object, kinds: Kinds) -> str:
    model = model_at(place[:-1], value, kinds)
    known = [field.alias or name for name, field in model.model_fields.items()] if model else []
    near = did_you_mean(str(place[-1]), known)
    there = f"there are {listed(known)}" if known else "nothing is expected"
    return f"“{place[-1]}” is unknown here; {there}{', ' + near if near else ''}"
