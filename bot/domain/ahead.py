"""A moment to come as people say it: `18:00`, `tomorrow 9am`, `friday 14:00`, `1 dec`, `in 2 hours`.

The speaker's time zone holds, unless an offset is said. What is said without a day, a week or a year means the next
time it is so; a day without a time means its beginning. A time that the clocks leave out, or show twice, is asked back.
"""

import re
from datetime import date, datetime, time, timedelta, tzinfo

from bot.domain.errors import Refused
from bot.domain.moment import (
    AMOUNT,
    DAY_MONTH,
    DAYS,
    DOTTED,
    ISO,
    MONTH_DAY,
    MONTHS,
    amount,
    clipped,
    clock_in,
    instant,
    understood,
    which,
)

READABLE = "`18:00`, `6pm`, `tomorrow 9:00`, `friday 14:00`, `1 dec`, `2026-12-01 09:00` or `in 2h`"
_IN = re.compile(rf"in ((?:{AMOUNT})+)")
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


def read(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """Return the moment as aware UTC, not before `now`; `Refused` says what can be read, or what to say instead."""
    at = understood(text, lambda said: _read(said, now, zone), READABLE)
    if at < now:
        raise Refused(f"“{clipped(text)}” has passed; say a time to come, for example {READABLE}.")
    return at


def _read(said: str, now: datetime, zone: tzinfo) -> datetime:
    if said == "now":
        return now
    later = _IN.fullmatch(said)
    if later:
        return now + amount(later[1])
    clock, offset, rest = clock_in(said)
    here = zone if offset is None else offset
    today = now.astimezone(here).date()
    if not rest and clock is None:
        raise ValueError("no time")
    days = _days(rest, today) if rest else (today, today + _DAY)
    found = (instant(day, clock or time(), here) for day in days)
    return next((at for at in found if at >= now), now - _DAY)  # what has passed is refused


def _days(said: str, today: date) -> tuple[date, ...]:
    """Return the day that is meant, and the one that is where the first has passed already."""
    if said in {"today", "tomorrow"}:
        return (today + _DAY * (said == "tomorrow"),)
    following, _, name = said.rpartition(" ")
    if following in {"", "next", "this"} and name.isalpha():
        ahead = (which(name, DAYS) - today.weekday()) % len(DAYS) or (len(DAYS) if following == "next" else 0)
        return (today + timedelta(days=ahead), today + timedelta(days=ahead) + _WEEK)
    for form, order in ((ISO, (1, 2, 3)), (DOTTED, (3, 2, 1))):
        found = form.fullmatch(said)
        if found:
            year, month, day = (int(found[place]) for place in order)
            return (date(year, month, day),)
    return _named(said, today)


def _named(said: str, today: date) -> tuple[date, ...]:
    """Read a day with its month in letters; without a year, this one or the next."""
    found = DAY_MONTH.fullmatch(said) or MONTH_DAY.fullmatch(said)
    if found is None:
        raise ValueError("no day")
    first, second, year = found.groups()
    day, name = (first, second) if first.isdecimal() else (second, first)
    month = which(name, MONTHS) + 1
    if year:
        return (date(int(year), month, int(day)),)
    return (date(today.year, month, int(day)), date(today.year + 1, month, int(day)))
