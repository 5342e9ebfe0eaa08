"""Durations in an adapter's section of the catalog: written as people do (``20s``), and written back the same."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from bot.domain import duration


def _read(value: object) -> object:
    return duration.parse(value) if isinstance(value, str) else value


def _write(value: timedelta) -> str:
    return f"{value.total_seconds()}s"


Duration = Annotated[timedelta, BeforeValidator(_read), PlainSerializer(_write, when_used="json")]
