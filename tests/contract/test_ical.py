"""Calendars as tools write them: repetitions, exceptions, whole days, odd names; and those that cannot be read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from bot.domain.errors import GaveUp, Retry
from bot.ports import Told
from integrations.ical import IcalAddress, IcalFile, events

BERLIN = ZoneInfo("Europe/Berlin")
SINCE = datetime(2026, 3, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=60)


def calendar(*events_: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//HealthBridge//On call//EN"]
    for number, one in enumerate(events_):
        body = [line.strip() for line in one.strip().splitlines()]
        lines += ["BEGIN:VEVENT", f"UID:{number}@healthbridge.example", "DTSTAMP:20260101T000000Z", *body, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def read(*events_: str) -> list[Told]:
    return list(events(calendar(*events_), BERLIN, since=SINCE, until=UNTIL))


def times(told: list[Told]) -> list[str]:
    return [f"{one.start.astimezone(BERLIN):%m-%d %H:%M}–{one.end.astimezone(BERLIN):%m-%d %H:%M}" for one in told]


WEEKLY = """
    DTSTART;TZID=Europe/Berlin:20260105T090000
    DTEND;TZID=Europe/Berlin:20260112T090000
    RRULE:FREQ=WEEKLY;INTERVAL=2
    SUMMARY:Johannes ǃGaeb
"""


def test_a_repetition_keeps_to_the_clock_on_the_wall_when_the_clocks_move() -> None:
    assert times(read(WEEKLY)) == [
        "03-02 09:00–03-09 09:00",
        "03-16 09:00–03-23 09:00",
        "03-30 09:00–04-06 09:00",
        "04-13 09:00–04-20 09:00",
        "04-27 09:00–05-04 09:00",
    ]


def test_what_has_begun_before_is_in_it_and_what_has_ended_is_not() -> None:
    told = read(
        "DTSTART:20260201T000000Z\nDTEND:20260302T000000Z\nSUMMARY:Layla",
        "DTSTART:20260101T000000Z\nDTEND:20260102T000000Z\nSUMMARY:Old",
    )

    assert [one.said for one in told] == [("Layla",)]


def test_an_exception_and_a_moved_event_are_as_the_calendar_shows_them() -> None:
    text = calendar(f"{WEEKLY}EXDATE;TZID=Europe/Berlin:20260330T090000")
    moved = b"\r\n".join(
        [
            b"BEGIN:VEVENT",
            b"UID:0@healthbridge.example",
            b"DTSTAMP:20260101T000000Z",
            b"RECURRENCE-ID;TZID=Europe/Berlin:20260316T090000",
            b"DTSTART;TZID=Europe/Berlin:20260317T120000",
            b"DTEND;TZID=Europe/Berlin:20260318T120000",
            b"SUMMARY:Layla",
            b"END:VEVENT",
            b"END:VCALENDAR",
        ]
    )
    told = list(events(text.replace(b"END:VCALENDAR", moved), BERLIN, since=SINCE, until=SINCE + timedelta(days=40)))

    assert times(told) == ["03-02 09:00–03-09 09:00", "03-17 12:00–03-18 12:00"]
    assert [one.said for one in told] == [("Johannes ǃGaeb",), ("Layla",)]


def test_whole_days_and_times_without_a_zone_are_by_the_rotations_clock() -> None:
    told = read(
        "DTSTART;VALUE=DATE:20260329\nDTEND;VALUE=DATE:20260330\nSUMMARY:A",
        "DTSTART:20260401T090000\nDURATION:PT8H\nSUMMARY:B",
    )

    assert times(told) == ["03-29 00:00–03-30 00:00", "04-01 09:00–04-01 17:00"]
    assert told[0].end - told[0].start == timedelta(hours=23)


def test_attendees_come_before_the_title_and_cancelled_events_say_nothing() -> None:
    told = read(
        """
        DTSTART:20260401T090000Z
        DTEND:20260401T100000Z
        ATTENDEE;CN="ليلى حداد":mailto:layla@healthbridge.example
        SUMMARY:On call
        """,
        "DTSTART:20260402T090000Z\nDTEND:20260402T100000Z\nSTATUS:CANCELLED\nSUMMARY:Nobody",
        "DTSTART:20260403T090000Z\nSUMMARY:A moment only",
    )

    assert [one.said for one in told] == [("layla@healthbridge.example", "ليلى حداد", "On call")]


def test_an_empty_calendar_says_nothing() -> None:
    assert read() == []


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe\x00",
        b"<html>log in</html>",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
        calendar("DTSTART:never\nSUMMARY:x"),
    ],
)
def test_what_is_no_calendar_is_said_to_be_none(text: bytes) -> None:
    with pytest.raises(GaveUp, match="the calendar is not one that can be read"):
        events(text, BERLIN, since=SINCE, until=UNTIL)


def test_a_rule_that_repeats_every_second_keeps_nobody_busy() -> None:
    with pytest.raises(GaveUp, match="more than 5000 events"):
        read("DTSTART:20260301T000000Z\nDTEND:20260301T000001Z\nRRULE:FREQ=SECONDLY\nSUMMARY:x")


async def test_a_file_is_read_anew_each_time_and_a_missing_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rota.ics"
    path.write_bytes(calendar(WEEKLY))

    assert len(await IcalFile(path, BERLIN).spans(since=SINCE, until=UNTIL)) == 5
    path.write_bytes(calendar())
    assert await IcalFile(path, BERLIN).spans(since=SINCE, until=UNTIL) == []
    with pytest.raises(GaveUp, match=r"nothing\.ics cannot be read: No such file"):
        await IcalFile(tmp_path / "nothing.ics", BERLIN).spans(since=SINCE, until=UNTIL)


@asynccontextmanager
async def served(status: int, body: bytes) -> AsyncIterator[str]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body)

    app = web.Application()
    app.router.add_get("/rota.ics", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/rota.ics?token=hidden-key"
    finally:
        await runner.cleanup()


async def test_an_address_is_asked_and_what_it_is_called_is_said_and_not_what_it_is() -> None:
    async with served(200, calendar(WEEKLY)) as url:
        assert len(await IcalAddress(url, BERLIN, named="of ROTA").spans(since=SINCE, until=UNTIL)) == 5
    with pytest.raises(Retry, match="the calendar of ROTA cannot be reached") as told:
        await IcalAddress(url, BERLIN, named="of ROTA").spans(since=SINCE, until=UNTIL)
    assert "hidden-key" not in told.value.reason


@pytest.mark.parametrize(("status", "kind"), [(404, GaveUp), (403, GaveUp), (503, Retry), (429, Retry)])
async def test_an_address_that_refuses_says_with_what(status: int, kind: type[Exception]) -> None:
    async with served(status, b"") as url:
        with pytest.raises(kind, match=f"the calendar of ROTA answers {status}"):
            await IcalAddress(url, BERLIN, named="of ROTA").spans(since=SINCE, until=UNTIL)


async def test_a_calendar_that_is_too_large_is_not_read_to_its_end() -> None:
    async with served(200, b"x" * (5 * 1024 * 1024)) as url:
        with pytest.raises(GaveUp, match="larger than 4 MB"):
            await IcalAddress(url, BERLIN, named="of ROTA").spans(since=SINCE, until=UNTIL)
