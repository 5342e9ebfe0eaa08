"""A moment in the past as people say it: `14:00`, `yesterday 2pm`, `friday`, `20 nov 9:30`, `2 hours ago`.

The speaker's time zone holds, unless an offset is said. What is said without a day, a week or a year means the last
time it was so; a day without a time means its end (today: now), so that all of that day is in. A time that the clocks
left out, or showed twice, is asked back: nobody can tell which was meant.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from bot.domain.errors import Refused

READABLE = "`14:00`, `2pm`, `yesterday`, `today 9:30`, `friday 14:00`, `20 nov`, `2026-11-20 14:00` or `2h ago`"
_OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
_NOON, _LONGEST = 12, 60
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HALF = ("january", "february", "march", "april", "may", "june")
MONTHS = (*_HALF, "july", "august", "september", "october", "november", "december")
_SHORTEST = 3  # letters of a day's or a month's name
_UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_FILLING = re.compile(r"\b(?:at|on|the|of|o['’]clock)\b|,")
AMOUNT = r"(\d+|an?) ?(weeks?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|[wdhms]) ?(?:and )?"
_AGO = re.compile(rf"((?:{AMOUNT})+)ago")
_CLOCK = re.compile(
    r"(?<![\d.-])(\d{1,2})(?:[:h](\d{2}))?(?::(\d{2})(?:\.\d+)?)?\s*(am|pm|h)?\s*(utc|gmt|z|[+-]\d{2}:?\d{2})?(?![\w.-])"
)
ISO, DOTTED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? ([a-z]+)(?: (\d{4}))?")
MONTH_DAY = re.compile(r"([a-z]+) (\d{1,2})(?:st|nd|rd|th)?(?: (\d{4}))?")


@dataclass(frozen=True, slots=True)
class _Day:
    """A day, and the one that is meant where this one has not come yet."""

    first: date
    earlier: date | None = None


def read(text: str, *, now: datetime, zone: tzinfo) -> datetime:
    """Return the moment as aware UTC; `Refused` says what can be read, or what to say instead."""
    at = understood(text, lambda said: _read(said, now, zone), READABLE)
    if at < _OLDEST:
        raise Refused(f"“{clipped(text)}” was before anything was deployed; say for example {READABLE}.")
    if at > now:
        raise Refused(f"“{clipped(text)}” is still to come; say a time in the past, for example {READABLE}.")
    return at


def understood(text: str, reading: Callable[[str], datetime], readable: str) -> datetime:
    """Return what a reading makes of a plain text as aware UTC; `Refused` gives examples of what is `readable`."""
    try:
        return reading(plain(text)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused(f"“{clipped(text)}” is not a time I can read; say for example {readable}.") from error


def clipped(text: str) -> str:
    """Return what was said as it is said back, not longer than need be."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def plain(text: str) -> str:
    """Return what was said without what only fills it, in small letters."""
    said = text.strip().lower().replace("a.m.", "am").replace("p.m.", "pm")
    said = re.sub(r"(\d)t(\d)", r"\1 \2", said)  # ISO 8601
    said = re.sub(r"\bnoon\b", "12:00", re.sub(r"\bmidnight\b", "00:00", said))
    return " ".join(_FILLING.sub(" ", said).split())


def _read(said: str, now: datetime, zone: tzinfo) -> datetime:
    if said == "now":
        return now
    ago = _AGO.fullmatch(said)
    if ago:
        return now - amount(ago[1])
    clock, offset, rest = clock_in(said)
    here = zone if offset is None else offset
    today = now.astimezone(here).date()
    day = _day(rest, today) if rest or clock is None else _Day(today, today - timedelta(days=1))
    if clock is None and day.first == today:
        return now
    at = instant(day.first, clock, here)
    return instant(day.earlier, clock, here) if at > now and day.earlier else at


def amount(written: str) -> timedelta:
    """Return how long `2 days 3h` is."""
    amounts = re.findall(AMOUNT, written)
    return timedelta(seconds=sum((1 if n.startswith("a") else int(n)) * _UNITS[unit[0]] for n, unit in amounts))


def clock_in(said: str) -> tuple[time | None, tzinfo | None, str]:
    """Take the time out of what was said: the time, its offset, and the rest."""
    for found in _CLOCK.finditer(said):
        hour, minute, second, half, offset = found.groups()
        if minute or half:
            rest = " ".join((said[: found.start()] + " " + said[found.end() :]).split())
            return time(_hour(int(hour), half), int(minute or 0), int(second or 0)), _offset(offset), rest
    return None, None, said


def _hour(written: int, half: str | None) -> int:
    if half not in {"am", "pm"}:
        return written
    if not 1 <= written <= _NOON:
        raise ValueError("a half day has twelve hours")
    return written % _NOON + (_NOON if half == "pm" else 0)


def _offset(written: str | None) -> tzinfo | None:
    if written is None:
        return None
    if written in {"utc", "gmt", "z"}:
        return UTC
    minutes = int(written[1:3]) * 60 + int(written[-2:])
    return timezone(timedelta(minutes=minutes if written[0] == "+" else -minutes))


def _day(said: str, today: date) -> _Day:
    if said in {"today", "yesterday"}:
        return _Day(today - timedelta(days=said == "yesterday"))
    last, _, name = said.rpartition(" ")
    if last in {"", "last", "this"} and name.isalpha():
        back = (today.weekday() - which(name, DAYS)) % 7 or (7 if last == "last" else 0)
        return _Day(today - timedelta(days=back), today - timedelta(days=back + 7))
    for form, order in ((ISO, (1, 2, 3)), (DOTTED, (3, 2, 1))):
        found = form.fullmatch(said)
        if found:
            year, month, day = (int(found[place]) for place in order)
            return _Day(date(year, month, day))
    return _named(said, today)


def _named(said: str, today: date) -> _Day:
    """Read a day with its month in letters; without a year, this one or the one before."""
    found = DAY_MONTH.fullmatch(said) or MONTH_DAY.fullmatch(said)
    if found is None:
        raise ValueError("no day")
    first, second, year = found.groups()
    day, name = (first, second) if first.isdecimal() else (second, first)
    month = which(name, MONTHS) + 1
    if year:
        return _Day(date(int(year), month, int(day)))
    return _Day(date(today.year, month, int(day)), date(today.year - 1, month, int(day)))


def which(name: str, names: tuple[str, ...]) -> int:
    """Return which of the names one is, or begins: `sep`, `sept`, `september`."""
    for number, full in enumerate(names):
        if len(name) >= _SHORTEST and full.startswith(name):
            return number
    raise ValueError("no name of a day or a month")


def instant(day: date, clock: time | None, zone: tzinfo) -> datetime:
    """Return when it was so on a day: at a time, or at its end."""
    if clock is None:
        midnight = datetime.combine(day + timedelta(days=1), time(), zone)
        return midnight.astimezone(UTC) - timedelta(seconds=1)
    first, second = (datetime.combine(day, clock.replace(fold=fold), zone) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    shown = first.astimezone(UTC).astimezone(zone)
    if shown.replace(tzinfo=None) != first.replace(tzinfo=None):
        forward = "where the clocks were put forward"
        raise Refused(
            f"{day} {clock:%H:%M} did not happen in {zone}, {forward}; say for example `{shown:%Y-%m-%d %H:%M}`."
        )
    raise Refused(f"{day} {clock:%H:%M} happened twice in {zone}; say {_exact(first)} or {_exact(second)}.")


def _exact(at: datetime) -> str:
    return f"`{at:%Y-%m-%d %H:%M}{at.isoformat()[-6:]}`"
