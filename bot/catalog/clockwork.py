"""Times of the day, days, time zones and how often something goes round, as people write them in a catalog."""

import re
from datetime import date, time, timedelta
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator

from bot.domain.rota import Every

from .nearest import did_you_mean

_TIME, _DAY = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)"), re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_EVERY = re.compile(r"(?:(\d{1,3}) )?(hour|day|week|month)s?")
_SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
_SHORTEST = timedelta(hours=4)  # so that hand-offs stay in order whatever the clocks do
_MIDNIGHT = 24


def _time(written: object) -> time:
    found = _TIME.fullmatch(written) if isinstance(written, str) else None
    if isinstance(written, time):
        return written
    if found is None or (found[1] == str(_MIDNIGHT) and found[2] != "00"):
        raise ValueError(f"“{written}” is not a time of the day; write for example 09:00 or 17:30")
    return time(int(found[1]) % _MIDNIGHT, int(found[2]))


def _day(written: object) -> date:
    found = _DAY.fullmatch(written) if isinstance(written, str) else None
    if isinstance(written, date):
        return written
    try:
        return date(*(int(part) for part in found.groups())) if found else _no_day(written)
    except ValueError as error:
        raise ValueError(f"“{written}” is not a day; write for example 2026-11-30") from error


def _no_day(written: object) -> date:
    raise ValueError(written)


def _zone(written: str) -> str:
    try:
        return ZoneInfo(written).key
    except (KeyError, ValueError, OSError) as error:
        near = did_you_mean(written, _zones())
        hint = f", {near}" if near else ""
        raise ValueError(f"no time zone is called “{written}”; write for example Africa/Windhoek{hint}") from error


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


def _every(written: object) -> Every:
    found = _EVERY.fullmatch(written) if isinstance(written, str) else None
    if isinstance(written, Every):
        return written
    number = int(found[1] or 1) if found else 0
    if found is None or number == 0:
        raise ValueError(f"“{written}” is not how often; write for example day, week, 2 weeks, month or 12 hours")
    if found[2] == "month":
        return Every(months=number)
    span = number * _SPANS[found[2]]
    if span < _SHORTEST:
        raise ValueError(f"“{written}” is too often; the shortest is 4 hours")
    return Every(span)


TimeOfDay = Annotated[time, BeforeValidator(_time)]
"""A time of the day: `09:00`; `24:00` is midnight."""

Day = Annotated[date, BeforeValidator(_day)]
"""A day: `2026-11-30`."""

Zone = Annotated[str, AfterValidator(_zone)]
"""The name of a time zone: `Africa/Windhoek`."""

Often = Annotated[Every, BeforeValidator(_every)]
"""How often: `day`, `week`, `2 weeks`, `month`, `12 hours`."""
