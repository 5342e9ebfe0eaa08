"""The names of secrets, as catalogs and people write them: what is not one must not be repeated to anybody.

Whoever writes a secret itself where its name belongs is told so, and not with it in the sentence. A field of an
adapter's or a step's model that holds such a name is a `SecretName`, so that `slipway doctor` finds all that are named.
"""

import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel

from bot.domain.secret_shapes import covered

_NAME = re.compile(r"[^\s:/@=]{1,80}")
SECRET: Final = object()
"""Marks a type whose values are names of secrets, where its model checks them in words of its own."""


def is_name(written: str) -> bool:
    """Whether this may be the name of a secret; what looks like a value is none."""
    return bool(_NAME.fullmatch(written)) and covered(written) == written


def _checked(written: str) -> str:
    if not is_name(written):
        raise ValueError(
            "this looks like a secret itself, and its name was expected, such as BACKUP_KEY: the value goes into the "
            "bot's environment under that name"
        )
    return written


SecretName = Annotated[str, AfterValidator(_checked), SECRET]


def named(model: BaseModel) -> Iterator[str]:
    """Yield the names of secrets that a model holds, its inner models' among them."""
    for name, field in type(model).model_fields.items():
        yield from _named(field.annotation, field.metadata, getattr(model, name))


def _named(annotation: Any, metadata: Any, value: object) -> Iterator[str]:  # noqa: ANN401 - annotations are anything
    if isinstance(value, BaseModel):
        yield from named(value)
    elif SECRET in metadata and isinstance(value, str):
        yield value
    else:
        for inner, more, part in _parts(annotation, value):
            yield from _named(inner, more, part)


def _parts(annotation: Any, value: object) -> list[tuple[Any, Any, object]]:  # noqa: ANN401 - annotations are anything
    """Return what is within a type and its value: types, what they are annotated with, and values."""
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return [(arguments[0], arguments[1:], value)]
    if get_origin(annotation) in (Union, UnionType):
        return [(one, (), value) for one in arguments]
    if isinstance(value, Mapping):
        return [(one, (), part) for one in arguments[1:] for part in value.values()]
    return [(one, (), part) for one in arguments[:1] for part in (value if isinstance(value, tuple) else ())]
