"""Durations as people write, read and hear them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.duration import parse, spoken, written


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1h30m", 5400), ("2d", 172800), ("0.5s", 0.5), (" 1H 5M ", 3900), ("0s", 0)],
)
def test_what_people_write_is_read(text: str, seconds: float) -> None:
    assert parse(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", " ", "5", "-5m", "5 minutes", "1m1h", "1.5h", "m", "1e3s", "99999999999999d"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write for example 20s, 10m, 1h30m or 2d"):
        parse(text)


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=10_000)))
def test_what_is_written_is_read_back_the_same(duration: timedelta) -> None:
    assert parse(written(duration)) == duration


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(days=3, hours=2), "3d 2h"),
        (timedelta(days=3, hours=2, minutes=59), "3d 2h"),
        (timedelta(hours=1, minutes=30, seconds=7), "1h 30m"),
        (timedelta(minutes=2, seconds=5), "2m 5s"),
        (timedelta(seconds=42), "42s"),
        (timedelta(seconds=0.4), "0.4s"),
        (timedelta(), "0s"),
        (timedelta(seconds=-3), "0s"),
        (timedelta(days=1), "1d"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(duration: timedelta, words: str) -> None:
    assert spoken(duration) == words
