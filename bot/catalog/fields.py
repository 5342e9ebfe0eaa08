"""Kinds of values that catalogs are written in; adapters and steps may use them in their own models too."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from bot.domain import duration

Word = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"),
]
"""A name that people type and folders bear: lower-case letters, digits and hyphens, at most 40."""

PersonId = Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]{2,}$")]
"""A person, by their user id in Slack."""


def _duration(written: object) -> timedelta:
    if isinstance(written, timedelta):
        return written
    if not isinstance(written, str):
        raise PydanticCustomError("duration", "a duration was expected")  # said by expected.py
    return duration.parse(written)


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(duration.written, when_used="json"),
    WithJsonSchema({"type": "string", "format": "duration"}),
]
"""A duration as people write it: 20s, 10m, 1h30m, 2d."""


class Model(BaseModel):
    """A part of the catalog: frozen, and without room for words it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
