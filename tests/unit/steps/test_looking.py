"""How soon a step that goes on is looked at again."""

from datetime import timedelta

import pytest

from bot.engine.stepping import LONGEST_LOOK, SHORTEST_LOOK, soon


@pytest.mark.parametrize("milliseconds", [400, 1000, 1900])
def test_looking_again_adds_a_tenth_to_what_a_step_takes(milliseconds: int) -> None:
    taken = timedelta(milliseconds=milliseconds)

    assert soon(taken) == taken / 10


def test_what_has_just_begun_is_not_asked_without_a_pause() -> None:
    assert soon(timedelta(0)) == SHORTEST_LOOK


def test_what_takes_minutes_is_still_seen_to_end() -> None:
    assert soon(timedelta(minutes=4)) == LONGEST_LOOK


def test_a_clock_that_was_put_back_does_not_stop_the_looking() -> None:
    assert soon(timedelta(minutes=-4)) == SHORTEST_LOOK
