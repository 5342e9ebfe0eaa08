"""Models as tables: one row for each key, with what may stand there, in words."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot.catalog import Section, Step
from bot.domain.duration import spoken
from bot.domain.rota import Every

_WORDS: dict[object, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    timedelta: "duration",
    date: "day, such as 2026-11-30",
    time: "time, such as 09:00",
    Every: "how often",
    Path: "path",
    Section: "`{kind: …}`",
    Step: "step",
}


def table(model: type[BaseModel], *, without: Sequence[str] = ()) -> str:
    """Return a model's keys as a Markdown table."""
    rows = ["| key | what | without it | meaning |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        if name not in without:
            cells = (f"`{field.alias or name}`", kind(field.annotation), absent(field), field.description or "")
            rows.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(rows) if len(rows) > 2 else "It has no keys of its own."  # noqa: PLR2004 - the two lines of the head


def kind(annotation: Any) -> str:  # noqa: ANN401 - an annotation may be anything
    """Say in words what may stand somewhere."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation in _WORDS:
        return _WORDS[annotation]
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin in (Union, UnionType):
        return " or ".join(kind(argument) for argument in arguments if argument is not NoneType)
    if origin in (tuple, list, frozenset):
        return f"list of {kind(arguments[0])}"
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping | dict):
        return f"name → {kind(arguments[1])}"
    if origin is not None:  # Annotated, and the like
        return kind(arguments[0])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__.lower()}](#{annotation.__name__.lower()})"
    return getattr(annotation, "__name__", str(annotation))


def inner(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return the models that stand within a model, each once, in order."""
    found: dict[type[BaseModel], None] = {}
    for field in model.model_fields.values():
        for annotation in (field.annotation, *get_args(field.annotation)):
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                found |= dict.fromkeys([annotation, *inner(annotation)])
    return list(found)


def absent(field: FieldInfo) -> str:
    """Say what holds when a key is left out."""
    if field.is_required():
        return "**needed**"
    default = field.get_default(call_default_factory=False)
    if default in (None, PydanticUndefined, "", ()) or default == {}:
        return ""
    return f"`{_said(default)}`"


def _said(default: object) -> object:
    match default:
        case timedelta():
            return spoken(default)
        case Every(span=span, months=0):
            return spoken(span)
        case _:
            return default


def first_paragraph(text: str | None) -> str:
    """Return the first paragraphs of a docstring as text."""
    return "\n".join(line.strip() for line in (text or "").strip().splitlines())
