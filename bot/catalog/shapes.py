"""The models beside the values: which model, and which type, stands at a place of the document."""

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

from .builds import Build, build_model
from .expected import found
from .models import Catalog
from .positions import Document
from .problems import Place, Problem
from .sections import Kinds, Section, Step

_NUMBERS = {int: "a whole number", float: "a number"}


def model_at(place: Place, value: object, kinds: Kinds) -> type[BaseModel] | None:
    """Return the model of what is at a place, or None where none is."""
    here = type_at(place, value, kinds)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def type_at(place: Place, value: object, kinds: Kinds) -> object:
    """Return the type of what is at a place, by going down the models beside the value."""
    here: object = Catalog
    for part in place:
        here = _within(here, part, kinds)
        value = _part(value, part)
        if here is Section and isinstance(value, dict):
            models = {"backend": kinds.backends, "source": kinds.sources}  # the others have names of their own
            here = models.get(str(part), kinds.pagers).get(str(value.get("kind")))
        if here is Build:
            here = build_model(value)
    return here


def is_secret(place: Place, value: object, kinds: Kinds) -> bool:
    """Whether what is at a place must not be shown."""
    return type_at(place, value, kinds) is SecretStr


def truths_for_numbers(document: Document, kinds: Kinds) -> Iterator[Problem]:
    """Yield where true or false stands for a number: pydantic takes it for 1 or 0, and nobody means that."""
    for place in document.values:
        value = _at(document.value, place)
        wanted = _NUMBERS.get(type_at(place, document.value, kinds)) if isinstance(value, bool) else None  # type: ignore[call-overload]  # what is no type has no words
        if wanted is not None:
            yield Problem(document.mark(place), place, f"{found(value)} was found, expected {wanted}")


def _at(value: object, place: Place) -> object:
    for part in place:
        value = _part(value, part)
    return value


def _part(value: object, part: str | int) -> object:
    if isinstance(value, list):
        return value[part] if isinstance(part, int) and part < len(value) else None
    return value.get(part) if isinstance(value, dict) else None


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
