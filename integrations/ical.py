"""Who is on call by a calendar: the events of an .ics file, or of an address, with their repetitions.

An event's attendees, and its title, say who it is. All-day events are days by the rotation's clock. Reading is the
`icalendar` and `recurring-ical-events` packages' work, in a thread: rules of repetition are theirs to know.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import recurring_ical_events
from icalendar import Calendar, Event

from bot.domain.errors import GaveUp, Retry
from bot.ports import Told

_PATIENCE = aiohttp.ClientTimeout(total=20)
_MOST_READ = 4 * 1024 * 1024  # bytes of a calendar
_MOST_EVENTS = 5000  # of two months; more is a rule that repeats every minute
_LATER = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT}


class IcalFile:
    """Implements `bot.ports.Roster` by a file on this machine."""

    def __init__(self, path: Path, zone: tzinfo) -> None:
        self._path, self._zone = path, zone

    async def spans(self, *, since: datetime, until: datetime) -> Sequence[Told]:
        """See `bot.ports.Roster`."""
        return await asyncio.to_thread(self._read, since, until)

    def _read(self, since: datetime, until: datetime) -> Sequence[Told]:
        try:
            if self._path.stat().st_size > _MOST_READ:
                raise GaveUp(f"the calendar {self._path} is larger than 4 MB")
            text = self._path.read_bytes()
        except OSError as error:
            raise GaveUp(f"the calendar {self._path} cannot be read: {error.strerror}") from error
        return events(text, self._zone, since=since, until=until)


class IcalAddress:
    """Implements `bot.ports.Roster` by an address; what it is called (`named`) is said, for it may be a secret."""

    def __init__(self, url: str, zone: tzinfo, *, named: str) -> None:
        self._url, self._zone, self._named = url, zone, named

    async def spans(self, *, since: datetime, until: datetime) -> Sequence[Told]:
        """See `bot.ports.Roster`."""
        text = await self._fetched()
        return await asyncio.to_thread(events, text, self._zone, since=since, until=until)

    async def _fetched(self) -> bytes:
        try:
            async with (
                aiohttp.ClientSession(timeout=_PATIENCE, headers={"User-Agent": "slipway"}) as session,
                session.get(self._url) as answer,
            ):
                self._check(answer.status)
                return await self._body(answer.content)
        except TimeoutError as error:
            raise Retry(f"the calendar {self._named} gave no answer in {_PATIENCE.total:g}s") from error
        except aiohttp.InvalidURL as error:
            raise GaveUp(f"the address of the calendar {self._named} cannot be asked") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Retry(f"the calendar {self._named} cannot be reached ({type(error).__name__})") from error

    def _check(self, status: int) -> None:
        if status == HTTPStatus.OK:
            return
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _LATER:
            raise Retry(f"the calendar {self._named} answers {status}")
        raise GaveUp(f"the calendar {self._named} answers {status}; look whether its address is still right")

    async def _body(self, content: aiohttp.StreamReader) -> bytes:
        read = bytearray()
        async for piece in content.iter_chunked(64 * 1024):
            read += piece
            if len(read) > _MOST_READ:
                raise GaveUp(f"the calendar {self._named} is larger than 4 MB")
        return bytes(read)


def events(text: bytes, zone: tzinfo, *, since: datetime, until: datetime) -> Sequence[Told]:
    """Return what a calendar's events say of the time between two moments, in order; cancelled ones say nothing."""
    try:
        calendar = Calendar.from_ical(text)
        found = []
        for event in _occurring(calendar, since, until):
            told = _told(event, zone)
            if told is not None:
                found.append(told)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise GaveUp(f"the calendar is not one that can be read: {str(error)[:120] or type(error).__name__}") from error
    return sorted(found, key=lambda one: (one.start, one.end))


def _occurring(calendar: Any, since: datetime, until: datetime) -> Iterator[Event]:  # noqa: ANN401 - a Component or Calendar, by version
    for number, event in enumerate(recurring_ical_events.of(calendar).after(since)):
        if _moment(event.start, UTC) >= until:
            return
        if number >= _MOST_EVENTS:
            raise ValueError(f"more than {_MOST_EVENTS} events in {(until - since).days} days")
        yield event


def _told(event: Event, zone: tzinfo) -> Told | None:
    start, end = _moment(event.start, zone), _moment(event.end, zone)
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or end <= start:
        return None
    attendees = event.get("ATTENDEE", [])
    people = attendees if isinstance(attendees, list) else [attendees]
    said = [str(one).removeprefix("mailto:").removeprefix("MAILTO:") for one in people]
    said += [str(one.params["CN"]) for one in people if "CN" in getattr(one, "params", {})]
    return Told(start, end, tuple(one for one in [*said, str(event.get("SUMMARY", ""))] if one))


def _moment(when: date | datetime, zone: tzinfo) -> datetime:
    """Return a moment; a day begins, and a time without a zone is, by the rotation's clock."""
    if not isinstance(when, datetime):
        when = datetime.combine(when, time(), zone)
    elif when.tzinfo is None:
        when = when.replace(tzinfo=zone)
    return when.astimezone(UTC)
