"""Every state of an operation × every event: what the table does not allow is refused."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Refused
from bot.domain.operation import (
    FINAL,
    HOLDS_TARGET,
    Applied,
    Cancelled,
    Event,
    Failed,
    Lost,
    Operation,
    Passed,
    Settled,
    Started,
    State,
    Stopped,
    TurnedBack,
    WentBack,
    evolve,
)
from tests.unit.domain.samples import an_operation

S = State
EVENTS: dict[str, Event] = {
    "started": Started(),
    "applied": Applied(),
    "passed": Passed(),
    "failed": Failed("apply: exit code 1"),
    "stopped": Stopped("apply: stopped by Ada"),
    "turned back": TurnedBack("apply: exit code 1"),
    "went back": WentBack(),
    "lost": Lost("apply: its process is gone"),
    "cancelled": Cancelled("U_ASKER"),
    "settled as succeeded": Settled("U_ONCALL", succeeded=True),
    "settled as failed": Settled("U_ONCALL", succeeded=False),
}
ALLOWED: dict[tuple[State, str], State] = {
    (S.QUEUED, "started"): S.RUNNING,
    (S.QUEUED, "cancelled"): S.CANCELLED,
    (S.RUNNING, "applied"): S.VERIFYING,
    (S.RUNNING, "passed"): S.SUCCEEDED,
    (S.RUNNING, "failed"): S.FAILED,
    (S.RUNNING, "stopped"): S.FAILED,
    (S.RUNNING, "turned back"): S.ROLLING_BACK,
    (S.RUNNING, "lost"): S.UNKNOWN,
    (S.RUNNING, "cancelled"): S.CANCELLED,
    (S.VERIFYING, "passed"): S.SUCCEEDED,
    (S.VERIFYING, "failed"): S.FAILED,
    (S.VERIFYING, "stopped"): S.FAILED,
    (S.VERIFYING, "turned back"): S.ROLLING_BACK,
    (S.VERIFYING, "lost"): S.UNKNOWN,
    (S.ROLLING_BACK, "went back"): S.ROLLED_BACK,
    (S.ROLLING_BACK, "failed"): S.FAILED,
    (S.ROLLING_BACK, "lost"): S.UNKNOWN,
    (S.UNKNOWN, "settled as succeeded"): S.SUCCEEDED,
    (S.UNKNOWN, "settled as failed"): S.FAILED,
}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", State)
def test_every_event_in_every_state_does_what_the_table_says_or_is_refused(state: State, event: str) -> None:
    op = an_operation(state)

    if (state, event) in ALLOWED:
        assert evolve(op, EVENTS[event]).state is ALLOWED[state, event]
    else:
        with pytest.raises(Refused, match=f"backend/production is already {state.replace('_', ' ')}"):
            evolve(op, EVENTS[event])


def test_the_table_knows_every_event() -> None:
    assert {type(event) for event in EVENTS.values()} == set(Event.__args__)  # type: ignore[attr-defined]  # a union


def lived(events: list[Event]) -> list[Operation]:
    """Let events happen to a new operation, skipping what is refused; return how it stood after each."""
    lives = [an_operation()]
    for event in events:
        try:
            lives.append(evolve(lives[-1], event))
        except Refused:
            lives.append(lives[-1])
    return lives


@given(st.lists(st.sampled_from(list(EVENTS.values())), max_size=30))
def test_no_event_leaves_a_final_state(events: list[Event]) -> None:
    lives = lived(events)

    for before, after in itertools.pairwise(lives):
        assert not before.final or after == before


@given(st.lists(st.sampled_from(list(EVENTS.values())), max_size=30))
def test_a_target_once_let_go_is_never_held_again(events: list[Event]) -> None:
    held = [op.state in HOLDS_TARGET for op in lived(events)]

    began = held.index(True) if True in held else len(held)
    let_go = held.index(False, began) if False in held[began:] else len(held)
    assert not any(held[let_go:])


@given(st.lists(st.sampled_from(list(EVENTS.values())), max_size=30))
def test_what_has_turned_back_never_counts_as_succeeded(events: list[Event]) -> None:
    last = lived(events)[-1]

    assert not (last.going_back and last.state is State.SUCCEEDED)


def test_what_holds_its_target_is_neither_queued_nor_ended() -> None:
    assert set(State) - FINAL - {State.QUEUED} == HOLDS_TARGET


def test_a_person_settles_an_operation_that_was_going_back_as_rolled_back() -> None:
    op = an_operation(State.UNKNOWN, going_back=True)

    settled = evolve(op, Settled("U_ONCALL", succeeded=True))

    assert settled.state is State.ROLLED_BACK
    assert settled.settled_by == "U_ONCALL"


def test_the_reason_of_a_failure_stays_when_it_is_then_gone_back_from() -> None:
    op = evolve(an_operation(State.VERIFYING), TurnedBack("verify: HTTP 500"))

    assert evolve(op, WentBack()).reason == "verify: HTTP 500"
