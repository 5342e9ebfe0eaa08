"""Durations in an adapter's section of the catalog: written as people do (``20s``), and written back the same."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer
from pydantic_core import PydanticCustomError

from bot.domain import duration


def _read(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("duration", "a duration with its unit was expected, such as 20s or 10m")
    return duration.parse(value)


def _write(value: timedelta) -> str:
    return f"{value.total_seconds()}".removesuffix(".0") + "s"


Duration = Annotated[timedelta, BeforeValidator(_read), PlainSerializer(_write, when_used="json")]
