"""Silences: what they match, when they end, and what is to be done by what Alertmanager holds."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.alert import Alert
from bot.domain.errors import Refused
from bot.domain.silence import (
    Act,
    Held,
    Matcher,
    Silence,
    State,
    decide,
    matchers,
    notice_from,
    of_key,
    shared,
    until,
    work_begins,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
KEY = "0123456789abcdef" * 2
WISH = Silence(1, "*", KEY, (Matcher("a", "b"),), NOW + HOUR, asked_at=NOW)
HELD = Held("x", (Matcher("a", "b"),), NOW + HOUR, comment=WISH.comment)
LIVE = replace(WISH, state=State.LIVE, held_id="x", held_until=WISH.ends_at)


@pytest.mark.parametrize(
    ("silence", "held", "whole", "act"),
    [
        (WISH, None, True, Act.MAKE),
        (WISH, None, False, Act.MAKE),  # nothing was ever sent
        (WISH, HELD, True, Act.NOTHING),
        (WISH, replace(HELD, active=False), True, Act.MAKE),
        (replace(WISH, sent_at=NOW - 29 * timedelta(seconds=1)), None, True, Act.WAIT),
        (replace(WISH, sent_at=NOW - 31 * timedelta(seconds=1)), None, True, Act.MAKE),
        (replace(WISH, sent_at=NOW - HOUR), None, False, Act.WAIT),
        (replace(WISH, sent_at=NOW), HELD, False, Act.NOTHING),
        (replace(WISH, ends_at=NOW), None, True, Act.NOTHING),
        (LIVE, None, True, Act.NOTHING),
        (replace(LIVE, ends_at=NOW + 2 * HOUR), HELD, True, Act.MAKE),
        (replace(LIVE, state=State.ENDING), HELD, True, Act.END),
        (replace(LIVE, state=State.ENDING), None, True, Act.NOTHING),
        (replace(WISH, state=State.ENDING, sent_at=NOW), None, True, Act.WAIT),
        (replace(WISH, state=State.REFUSED), None, True, Act.NOTHING),
    ],
)
def test_what_is_done_follows_from_what_is_there(silence: Silence, held: Held | None, *, whole: bool, act: Act) -> None:
    assert decide(silence, held, NOW, whole=whole) is act


def test_ours_are_known_by_the_key_in_the_comment_or_by_the_id() -> None:
    recreated = replace(HELD, id="y", comment=f"typed anew, {WISH.comment}")
    ended = replace(HELD, active=False)
    other = replace(HELD, id="z", comment=f"[slipway:{'f' * 32}]")

    assert of_key(LIVE, [ended, recreated, other]) == [recreated, ended]


@pytest.mark.parametrize(
    ("matcher", "labels", "fits"),
    [
        (Matcher("a", "b"), {"a": "b"}, True),
        (Matcher("a", "b"), {}, False),
        (Matcher("a", "b", equal=False), {}, True),
        (Matcher("a", "", equal=False), {}, False),
        (Matcher("a", ".*", regex=True), {"a": "b"}, None),
    ],
)
def test_a_matcher_fits(matcher: Matcher, labels: dict[str, str], *, fits: bool | None) -> None:
    assert matcher.fits(labels) is fits


def test_a_silence_covers_while_alertmanager_holds_it() -> None:
    alert = Alert("f", {"a": "b"}, NOW)
    pattern = replace(LIVE, matchers=(Matcher("a", "b|c", regex=True),))

    assert LIVE.silences(alert, NOW)
    assert not LIVE.silences(alert, NOW + HOUR)
    assert not WISH.silences(alert, NOW)
    assert not replace(LIVE, state=State.REMOVED).silences(alert, NOW)
    assert not replace(LIVE, matchers=()).silences(alert, NOW)
    assert not pattern.silences(alert, NOW)
    assert replace(pattern, covers=("f",)).silences(alert, NOW)


def test_what_alerts_share() -> None:
    alerts = [Alert("1", {"a": "1", "b": "2", "c": "3"}, NOW), Alert("2", {"a": "1", "b": "9"}, NOW)]

    assert shared(alerts) == {"a": "1"}
    assert shared([]) == {}


@pytest.mark.parametrize("labels", [{}, {"a": ""}, {"a": "postgres://us:•••@db"}])
def test_what_would_match_everything_is_refused(labels: dict[str, str]) -> None:
    with pytest.raises(Refused, match="That would silence everything"):
        matchers(labels)


@pytest.mark.parametrize("length", [14 * MINUTE, timedelta(days=31, seconds=1)])
def test_a_length_is_from_a_quarter_of_an_hour_to_a_month(length: timedelta) -> None:
    assert until(15 * MINUTE, NOW) == NOW + 15 * MINUTE
    with pytest.raises(Refused, match="15 minutes to a month"):
        until(length, NOW)


WEEK = range(5)


@pytest.mark.parametrize(
    ("zone", "now", "begins"),
    [
        ("Europe/Berlin", "2026-03-02T03:00:00+01:00", "2026-03-02T09:00:00+01:00"),
        ("Europe/Berlin", "2026-03-02T08:50:00+01:00", "2026-03-03T09:00:00+01:00"),  # in ten minutes: too soon
        ("Europe/Berlin", "2026-03-02T10:00:00+01:00", "2026-03-03T09:00:00+01:00"),
        ("Europe/Berlin", "2026-03-27T18:00:00+01:00", "2026-03-30T09:00:00+02:00"),  # over a change of the clocks
        ("Africa/Windhoek", "2026-03-07T12:00:00+02:00", "2026-03-09T09:00:00+02:00"),
        ("Asia/Tokyo", "2026-03-02T23:30:00+00:00", "2026-03-03T00:00:00+00:00"),
    ],
)
def test_work_begins_next_where_somebody_is(zone: str, now: str, begins: str) -> None:
    found = work_begins(datetime.fromisoformat(now), ZoneInfo(zone), at=time(9), days=WEEK)

    assert found == datetime.fromisoformat(begins)


def test_work_begins_on_the_days_of_the_place() -> None:
    friday = datetime(2026, 3, 6, 12, tzinfo=UTC)

    assert work_begins(friday, ZoneInfo("UTC"), at=time(8, 30), days=[6, 0]) == datetime(2026, 3, 8, 8, 30, tzinfo=UTC)


def test_notice_is_given_a_quarter_of_an_hour_before_or_in_the_last_third() -> None:
    assert notice_from(WISH) == NOW + 45 * MINUTE
    assert notice_from(replace(WISH, ends_at=NOW + 15 * MINUTE)) == NOW + 10 * MINUTE
