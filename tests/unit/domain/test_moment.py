"""A moment is read as people type it, in their own time zone; what cannot be told is asked back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.errors import Refused
from bot.domain.moment import READABLE, read

NOW = datetime(2026, 11, 27, 10, 30, tzinfo=UTC)  # a Friday; 11:30 in Berlin
BERLIN = ZoneInfo("Europe/Berlin")

SAID = [
    ("now", "2026-11-27 11:30:00"),
    ("today", "2026-11-27 11:30:00"),
    ("9:15", "2026-11-27 09:15:00"),
    ("09:15:30", "2026-11-27 09:15:30"),
    ("14:00", "2026-11-26 14:00:00"),  # not yet today: the last time it was so
    ("14:00:00", "2026-11-26 14:00:00"),
    ("2pm", "2026-11-26 14:00:00"),
    ("2:05 PM", "2026-11-26 14:05:00"),
    ("9 a.m.", "2026-11-27 09:00:00"),
    ("12am", "2026-11-27 00:00:00"),
    ("12pm", "2026-11-26 12:00:00"),
    ("noon", "2026-11-26 12:00:00"),
    ("midnight", "2026-11-27 00:00:00"),
    ("9h", "2026-11-27 09:00:00"),
    ("14h30", "2026-11-26 14:30:00"),
    ("today 9:00", "2026-11-27 09:00:00"),
    ("yesterday", "2026-11-26 23:59:59"),
    ("yesterday 14:00", "2026-11-26 14:00:00"),
    ("yesterday at 2pm", "2026-11-26 14:00:00"),
    ("14:00 yesterday", "2026-11-26 14:00:00"),
    ("friday", "2026-11-27 11:30:00"),
    ("friday 9:00", "2026-11-27 09:00:00"),
    ("friday 14:00", "2026-11-20 14:00:00"),
    ("last friday", "2026-11-20 23:59:59"),
    ("last friday 9am", "2026-11-20 09:00:00"),
    ("on Monday, 14:00", "2026-11-23 14:00:00"),
    ("Thurs 3pm", "2026-11-26 15:00:00"),
    ("2h ago", "2026-11-27 09:30:00"),
    ("2 hours ago", "2026-11-27 09:30:00"),
    ("an hour ago", "2026-11-27 10:30:00"),
    ("1h30m ago", "2026-11-27 10:00:00"),
    ("1 hour and 30 minutes ago", "2026-11-27 10:00:00"),
    ("2 weeks ago", "2026-11-13 11:30:00"),
    ("2026-11-20", "2026-11-20 23:59:59"),
    ("2026-11-27", "2026-11-27 11:30:00"),
    ("2026-11-20 14:00", "2026-11-20 14:00:00"),
    ("2026-11-20T14:00:00Z", "2026-11-20 15:00:00"),
    ("2026-11-20 14:00:00.123 +0530", "2026-11-20 09:30:00"),
    ("2026-11-20 14:00 UTC", "2026-11-20 15:00:00"),
    ("20.11.2026 9:00", "2026-11-20 09:00:00"),
    ("20 nov", "2026-11-20 23:59:59"),
    ("Nov 20, 2pm", "2026-11-20 14:00:00"),
    ("the 20th of November 2025 at 2pm", "2025-11-20 14:00:00"),
    ("27 nov", "2026-11-27 11:30:00"),
    ("20 dec", "2025-12-20 23:59:59"),
]


@pytest.mark.parametrize(("said", "meant"), SAID)
def test_a_moment_is_read_in_the_speakers_own_zone(said: str, meant: str) -> None:
    assert f"{read(said, now=NOW, zone=BERLIN).astimezone(BERLIN):%Y-%m-%d %H:%M:%S}" == meant


UNREADABLE = (
    *(
        "",
        "14",
        "1400",
        "25:00",
        "13pm",
        "0am",
        "9:5",
        "14:00 15:00",
        "yesterday evening",
        "friday friday",
        "last week",
    ),
    *("the day before", "2 months ago", "11/20/2026", "2026-13-01", "31 nov", "2026-11-20 24:00", "99999999d ago"),
    *("last week", "2026-11-20 14:00 CET", "tomorrow"),
)


@pytest.mark.parametrize("said", UNREADABLE)
def test_what_cannot_be_read_is_refused_with_what_can(said: str) -> None:
    with pytest.raises(Refused) as refused:
        read(said, now=NOW, zone=UTC)

    assert str(refused.value) == f"“{said}” is not a time I can read; say for example {READABLE}."


@pytest.mark.parametrize("said", ["1969-12-31", "0001-01-01 00:00"])
def test_what_was_before_everything_is_refused(said: str) -> None:
    with pytest.raises(Refused, match=f"“{said}” was before anything was deployed; say for example"):
        read(said, now=NOW, zone=UTC)


def test_a_long_text_is_not_said_back_whole() -> None:
    with pytest.raises(Refused, match=r"“9{60}…” is not a time I can read"):
        read("9" * 2900, now=NOW, zone=UTC)


@pytest.mark.parametrize("example", [example.strip("` ") for example in READABLE.replace(" or ", ", ").split(",")])
def test_the_examples_can_be_read(example: str) -> None:
    read(example, now=NOW, zone=BERLIN)


@pytest.mark.parametrize("said", ["today 14:00", "2026-11-27 11:31", "2027-01-01", "20 dec 2026"])
def test_what_is_still_to_come_is_refused(said: str) -> None:
    with pytest.raises(Refused, match=f"“{said}” is still to come; say a time in the past"):
        read(said, now=NOW, zone=BERLIN)


def test_a_time_that_the_clocks_left_out_is_refused_with_one_that_was() -> None:
    with pytest.raises(Refused) as refused:
        read("2026-03-29 02:30", now=NOW, zone=BERLIN)

    assert str(refused.value) == (
        "2026-03-29 02:30 did not happen in Europe/Berlin, where the clocks were put forward; "
        "say for example `2026-03-29 03:30`."
    )


def test_a_time_that_was_twice_is_asked_back_and_each_answer_can_be_read() -> None:
    with pytest.raises(Refused) as refused:
        read("2026-10-25 02:30", now=NOW, zone=BERLIN)

    assert str(refused.value) == (
        "2026-10-25 02:30 happened twice in Europe/Berlin; say `2026-10-25 02:30+02:00` or `2026-10-25 02:30+01:00`."
    )
    first, second = (read(f"2026-10-25 02:30{offset}", now=NOW, zone=BERLIN) for offset in ("+02:00", "+01:00"))
    assert (second - first).total_seconds() == 3600


def test_the_end_of_a_day_is_the_end_of_it_where_midnight_is_left_out() -> None:
    cairo = ZoneInfo("Africa/Cairo")  # the clocks go forward at midnight: Friday, 24 April 2026 begins at 01:00
    at = read("2026-04-23", now=NOW, zone=cairo)

    assert f"{at.astimezone(cairo):%Y-%m-%d %H:%M:%S}" == "2026-04-23 23:59:59"
