"""Which secrets a catalog names, whatever section or step names them: what may be printed must be masked before.

A model says where it holds a name by `bot.ports.SecretName`.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.ports import NamesSecret

from .sections import Section, Step


def secret_names(part: object) -> Iterator[str]:
    """Yield the names of all secrets in a part of a catalog, or in all of it."""
    match part:
        case Section(config=within) | Step(options=within):
            yield from secret_names(within)
        case BaseModel():
            for name, field in type(part).model_fields.items():
                yield from _in_field(field, getattr(part, name))
        case Mapping():
            yield from secret_names(tuple(part.values()))
        case tuple() | list() | frozenset():
            for one in part:
                yield from secret_names(one)
        case _:
            return


def marks(field: FieldInfo) -> list[NamesSecret]:
    """Return what marks a field as one that names secrets."""
    metadata = [*field.metadata, *_metadata(field.annotation)]
    return [one for one in metadata if isinstance(one, NamesSecret)]


def _in_field(field: FieldInfo, value: object) -> Iterator[str]:
    marked = marks(field)
    if not marked:
        yield from secret_names(value)
    elif value is None:
        yield from (one.otherwise for one in marked if one.otherwise is not None)
    else:
        yield from _words(value)


def _metadata(annotation: Any) -> Iterator[object]:  # noqa: ANN401 - an annotation may be anything
    if get_origin(annotation) is Annotated:
        yield from annotation.__metadata__
    for argument in get_args(annotation):
        yield from _metadata(argument)


def _words(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            yield from _words(tuple(value.values()))
        case tuple() | list() | frozenset():
            for one in value:
                yield from _words(one)
        case _:
            return
