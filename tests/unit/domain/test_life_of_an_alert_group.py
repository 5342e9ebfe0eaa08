"""Every state of an alert group, crossed with everything that can happen to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.alert import Severity
from bot.domain.alertgroup import (
    Acked,
    Assigned,
    Closed,
    Event,
    Fired,
    Group,
    Quiet,
    State,
    Unacked,
    evolve,
    named,
    raises,
)
from bot.domain.errors import Refused

NOW = datetime(2026, 11, 26, 3, 14, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HERS, HIS = "U1", "U2"

OPEN = Group(7, "platform", "key", severity=Severity.HIGH)
GROUPS = {
    State.FIRING: OPEN,
    State.ACKNOWLEDGED: replace(OPEN, state=State.ACKNOWLEDGED, acked_by=HERS, acked_at=NOW, acked_until=NOW + HOUR),
    State.RESOLVED: replace(OPEN, state=State.RESOLVED, resolved_at=NOW),
}
LATER = NOW + 30 * MINUTE
EVENTS: dict[str, Event] = {
    "as bad fires": Fired(Severity.HIGH),
    "worse fires": Fired(Severity.CRITICAL),
    "she is at it": Acked(HERS, LATER, LATER + HOUR),
    "she is at it, at the same moment": Acked(HERS, NOW + timedelta(seconds=5), NOW + HOUR + timedelta(seconds=5)),
    "he is at it": Acked(HIS, LATER, LATER + HOUR),
    "she no longer is": Unacked(HERS),
    "nobody answers": Unacked(),
    "it is given to her": Assigned(HERS, LATER, LATER + HOUR),
    "it is given to him": Assigned(HIS, LATER, LATER + HOUR),
    "nothing fires": Quiet(),
    "he closes it": Closed(HIS, "the host is gone for good"),
    "he closes it, and it fires": Closed(HIS, "it is fine", ("DiskFull",)),
    "he closes it without a word": Closed(HIS, "  "),
}
F, A, R = State.FIRING, State.ACKNOWLEDGED, State.RESOLVED
TABLE: dict[str, tuple[State | str, State | str, State | str]] = {
    # what happens: to a firing group, to one that she is at, to one that has ended
    "as bad fires": (F, A, F),
    "worse fires": (F, F, F),
    "she is at it": (A, A, "nothing to acknowledge"),
    "she is at it, at the same moment": (A, "You are at it already", "nothing to acknowledge"),
    "he is at it": (A, "Somebody else is at it", "nothing to acknowledge"),
    "she no longer is": ("Nobody is at it", F, "nothing to take back"),
    "nobody answers": ("Nobody is at it", F, "nothing to take back"),
    "it is given to her": (A, "They are at it already", "nothing to assign"),
    "it is given to him": (A, A, "nothing to assign"),
    "nothing fires": (R, R, R),
    "he closes it": (R, R, "resolved already"),
    "he closes it, and it fires": ("DiskFull still fires", "DiskFull still fires", "resolved already"),
    "he closes it without a word": ("Say why", "Say why", "resolved already"),
}


def test_the_table_is_whole() -> None:
    assert TABLE.keys() == EVENTS.keys()
    assert GROUPS.keys() == set(State)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", list(State))
def test_every_state_and_every_event(state: State, event: str) -> None:
    expected = TABLE[event][list(State).index(state)]
    if not isinstance(expected, State):
        with pytest.raises(Refused, match=expected):
            evolve(GROUPS[state], EVENTS[event])
        return

    after = evolve(GROUPS[state], EVENTS[event])

    assert after.state is expected
    assert (after.acked_by is not None) == (expected is State.ACKNOWLEDGED)
    assert (after.closed_by is not None) == (expected is State.RESOLVED and event == "he closes it")


def test_who_is_given_it_is_at_it_from_then_on() -> None:
    after = evolve(GROUPS[State.ACKNOWLEDGED], Assigned(HIS, LATER, LATER + HOUR))

    assert (after.acked_by, after.acked_at, after.acked_until) == (HIS, LATER, LATER + HOUR)


def test_a_short_lease_can_be_made_longer_at_its_end() -> None:
    lease = timedelta(seconds=30)
    group = evolve(OPEN, Acked(HERS, NOW, NOW + lease))
    asked = NOW + timedelta(seconds=25)

    assert evolve(group, Acked(HERS, asked, asked + lease)).acked_until == asked + lease


def test_what_was_closed_and_fires_again_is_closed_no_more() -> None:
    closed = evolve(OPEN, Closed(HIS, "gone"))

    again = evolve(closed, Fired(Severity.LOW))
    assert (again.state, again.closed_by, again.closed_why) == (State.FIRING, None, None)
    assert raises(closed, Severity.LOW)


def test_of_many_that_fire_a_few_are_named() -> None:
    assert named(["a"]) == "a"
    assert named(["a", "a", "b"]) == "a, b and 1 more"
    assert named(list("abcdefg")) == "a, b, c, d, e and 2 more"
