"""Moments to come, as people say them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ahead import read
from bot.domain.errors import Refused

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 26, 14, 30, tzinfo=BERLIN)  # a Thursday


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("now", "2026-11-26T14:30"),
        ("18:00", "2026-11-26T18:00"),
        ("6pm", "2026-11-26T18:00"),
        ("09:00", "2026-11-27T09:00"),
        ("midnight", "2026-11-27T00:00"),
        ("in 2h", "2026-11-26T16:30"),
        ("in 1 day and 2 hours", "2026-11-27T16:30"),
        ("today 15:00", "2026-11-26T15:00"),
        ("tomorrow", "2026-11-27T00:00"),
        ("tomorrow 9:00", "2026-11-27T09:00"),
        ("friday 14:00", "2026-11-27T14:00"),
        ("thursday 18:00", "2026-11-26T18:00"),
        ("thursday 9:00", "2026-12-03T09:00"),
        ("next thursday 18:00", "2026-12-03T18:00"),
        ("monday at 9am", "2026-11-30T09:00"),
        ("1 dec", "2026-12-01T00:00"),
        ("Dec 24th 18:00", "2026-12-24T18:00"),
        ("2 jan 9:00", "2027-01-02T09:00"),
        ("2026-12-01T09:00", "2026-12-01T09:00"),
        ("24.12.2026 20:15", "2026-12-24T20:15"),
        ("2026-12-01 09:00+01:00", "2026-12-01T09:00"),
    ],
)
def test_it_is_read_in_the_speakers_zone(said: str, meant: str) -> None:
    assert read(said, now=NOW, zone=BERLIN) == datetime.fromisoformat(meant).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", "is not a time I can read"),
        ("soon", "is not a time I can read"),
        ("32 dec", "is not a time I can read"),
        ("25:00", "is not a time I can read"),
        ("today 9:00", "has passed"),
        ("2026-11-25", "has passed"),
        ("2027-03-28 02:30", "did not happen in Europe/Berlin"),
        ("2027-10-31 02:30", "happened twice in Europe/Berlin"),
    ],
)
def test_what_cannot_be_meant_is_said(said: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        read(said, now=NOW, zone=BERLIN)


@given(st.text(max_size=70))
def test_whatever_is_said_is_read_or_refused(said: str) -> None:
    try:
        at = read(said, now=NOW, zone=BERLIN)
    except Refused:
        return

    assert at >= NOW


@given(st.integers(1, 10_000))
def test_so_many_minutes_are_so_many_minutes_whatever_the_clocks_do(minutes: int) -> None:
    night = datetime(2026, 10, 24, 22, tzinfo=UTC)

    assert read(f"in {minutes}m", now=night, zone=BERLIN) == night + timedelta(minutes=minutes)
