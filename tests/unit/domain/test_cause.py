"""What may have caused an alert: what touched its target shortly before it, and was not looked at before."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.cause import Onset, Touch, suspects
from bot.domain.lapse import lapse

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
WITHIN = 30 * MINUTE


def touch(began: float, ended: float | None = None, number: int = 1) -> Touch:
    """An operation that began, and perhaps ended, so many minutes after noon."""
    return Touch(number, NOON + began * MINUTE, ended_at=None if ended is None else NOON + ended * MINUTE)


def counts(one: Touch, *, told: float = 5, quiet: float | None = None) -> bool:
    """Whether it may have caused an alert that began at noon."""
    onset = Onset(NOON, NOON + told * MINUTE)
    at = None if quiet is None else NOON + quiet * MINUTE
    return suspects([one], onset, within=WITHIN, quiet=at) == [one]


@pytest.mark.parametrize(
    ("began", "ended", "meant"),
    [
        (-6, -5, True),
        (-31, -30, True),
        (-40, -31, False),
        (-40, None, True),
        (0.9, None, True),  # clocks differ by as much
        (1.1, None, False),
    ],
)
def test_it_touched_it_shortly_before(began: float, ended: float | None, *, meant: bool) -> None:
    assert counts(touch(began, ended)) is meant


def test_what_was_begun_when_we_knew_of_the_alert_did_not_cause_it() -> None:
    assert not counts(touch(0.5), told=0.4)


def test_what_was_done_before_it_was_quiet_was_judged_then() -> None:
    assert not counts(touch(-6, -5), quiet=-4)
    assert counts(touch(-3, -2), quiet=-4)


def test_the_newest_comes_first() -> None:
    found = suspects([touch(-9, -8, 1), touch(-3, -2, 2)], Onset(NOON, NOON), within=WITHIN, quiet=None)

    assert [one.operation for one in found] == [2, 1]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (7500, "2 h 5 min"),
        (7200, "2 h"),
        (74 * 3600 + 59, "3 d 2 h"),
        (86400, "1 d"),
        (400 * 86400 + 3600, "400 d 1 h"),
    ],
)
def test_durations_are_right_over_days(seconds: float, said: str) -> None:
    assert lapse(timedelta(seconds=seconds)) == said
