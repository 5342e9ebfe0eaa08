"""The life of an escalation: steps in their time, a clock that stands still, and each step once in each round."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import escalation
from bot.domain.alert import Severity
from bot.domain.escalation import Escalation, Kind, Policy, State, Step, Whom

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TEAM = Whom(Kind.TEAM, "on-call")
POLICY = Policy(
    "p", (Step(TEAM, ("mention",)), Step(TEAM, ("dm", "email"), 5 * MINUTE), Step(TEAM, ("dm",), 10 * MINUTE))
)


def opened(policy: Policy = POLICY) -> Escalation:
    return Escalation(1, 1, Severity.HIGH, policy, "k", NOW, escalation.begin(policy, NOW))


def test_what_is_frozen_is_read_as_it_was() -> None:
    again = replace(POLICY, again=MINUTE, times=2)

    assert escalation.read(POLICY.written()) == POLICY
    assert escalation.read(again.written()) == again


def test_steps_follow_each_other_and_end() -> None:
    one, now = opened(), NOW
    numbers = []
    while one.next_at is not None:
        now = max(now, one.next_at)
        one, taken = escalation.take(one, now)
        numbers.append(taken.number)

    assert numbers == [0, 1, 2]
    assert now == NOW + 15 * MINUTE


def test_it_begins_anew_so_many_times() -> None:
    one = opened(replace(POLICY, again=MINUTE, times=2))
    taken = []
    while one.next_at is not None:
        one, step = escalation.take(one, one.next_at)
        taken.append((step.round, step.number))

    assert taken == [(turn, number) for turn in range(3) for number in range(3)]


def test_the_clock_stands_still_while_somebody_is_at_it() -> None:
    one, _ = escalation.take(opened(), NOW)
    held = escalation.hold(one, "U1", NOW + 2 * MINUTE)
    assert not held.due(NOW + timedelta(days=1))

    resumed = escalation.resume(held, NOW + timedelta(hours=3))
    assert resumed.next_at == NOW + timedelta(hours=3) + 3 * MINUTE
    assert (resumed.turn, resumed.step, resumed.state) == (1, 1, State.OPEN)


def test_where_nobody_was_left_the_last_is_told_once_more() -> None:
    one = opened()
    while one.next_at is not None:
        one, _ = escalation.take(one, one.next_at)
    resumed = escalation.resume(escalation.hold(one, "U1", NOW), NOW)

    assert (resumed.step, resumed.next_at) == (2, NOW)


def test_the_next_step_is_hurried_only_by_the_one_before_it() -> None:
    one, _ = escalation.take(opened(), NOW)

    assert escalation.hurry(one, 0, 0, NOW).next_at == NOW
    assert escalation.hurry(one, 1, 0, NOW) is one
    assert escalation.hurry(one, 0, 1, NOW) is one
    held = escalation.hold(one, "U1", NOW)
    assert escalation.hurry(held, 0, 0, NOW) is held


def test_a_policy_that_reaches_nobody_does_not_go_round_at_once() -> None:
    one = opened(replace(POLICY, again=30 * MINUTE, times=3))
    for _ in range(3):
        assert one.next_at is not None
        one, taken = escalation.take(one, one.next_at)
    hurried = escalation.hurry(one, taken.number, taken.round, NOW)

    assert hurried is one


DEEDS = st.lists(
    st.tuples(st.sampled_from(["take", "hold", "resume", "end", "hurry"]), st.integers(0, 30)), max_size=40
)


@given(DEEDS, st.integers(0, 3))
def test_whatever_happens_no_step_of_a_round_and_turn_is_taken_twice(deeds: list[tuple[str, int]], times: int) -> None:
    one, now = opened(replace(POLICY, again=MINUTE if times else None, times=times)), NOW
    seen = []
    last = (0, 0)
    for deed, minutes in deeds:
        now += minutes * MINUTE
        match deed:
            case "take" if one.due(now):
                one, taken = escalation.take(one, now)
                last = (taken.number, taken.round)
                seen.append((taken.turn, taken.round, taken.number))
            case "hold":
                one = escalation.hold(one, "U1", now) if one.state is not State.ENDED else one
            case "resume":
                one = escalation.resume(one, now)
            case "hurry":
                one = escalation.hurry(one, *last, now)
            case "end" if minutes == 30:
                one = escalation.end(one, now)

    assert len(seen) == len(set(seen))
    assert one.state is not State.ENDED or one.next_at is None


@pytest.mark.parametrize("late", [0, 7])
def test_how_late_a_step_is_taken_is_known(late: int) -> None:
    _, taken = escalation.take(opened(), NOW + late * MINUTE)

    assert taken.late == late * MINUTE
