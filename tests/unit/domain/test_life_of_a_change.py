"""Every state of a change × every event: what the table does not allow is refused; and what operations add up to."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import operation
from bot.domain.change import (
    ENDED,
    OUTCOMES,
    ApprovedBy,
    Began,
    Blocked,
    Change,
    Cleared,
    Event,
    Expired,
    Finished,
    Lapsed,
    Lost,
    RejectedBy,
    Settled,
    State,
    Stopped,
    Voided,
    WentOn,
    evolve,
    outcome,
)
from bot.domain.errors import Refused
from tests.unit.domain.samples import a_change

S = State
EVENTS: dict[str, Event] = {
    "cleared": Cleared(),
    "blocked": Blocked("the backend does not answer"),
    "first approval": ApprovedBy("U_ONE"),
    "a yes lapsed": Lapsed("U_ONE"),
    "rejected": RejectedBy("U_ONE", "not on a Friday"),
    "expired": Expired(),
    "voided": Voided("1.0.0 is no longer live"),
    "stopped": Stopped("U_ASKER"),
    "began": Began(),
    "went on": WentOn("U_ASKER"),
    "finished well": Finished(State.SUCCEEDED),
    "finished badly": Finished(State.FAILED),
    "finished in part": Finished(State.PARTLY_DONE),
    "finished untouched": Finished(State.CANCELLED),
    "finished as nothing it can end as": Finished(State.WAITING),
    "lost": Lost("backend/production: its process is gone"),
    "settled": Settled("U_ONCALL"),
}
OPEN_QUESTION = [S.PROPOSED, S.BLOCKED, S.WAITING, S.APPROVED]
ALLOWED: dict[tuple[State, str], State] = {
    (S.PROPOSED, "cleared"): S.WAITING,
    (S.BLOCKED, "cleared"): S.WAITING,
    (S.PROPOSED, "blocked"): S.BLOCKED,
    (S.BLOCKED, "blocked"): S.BLOCKED,
    (S.WAITING, "first approval"): S.WAITING,
    (S.WAITING, "a yes lapsed"): S.WAITING,
    (S.WAITING, "rejected"): S.REJECTED,
    (S.WAITING, "expired"): S.EXPIRED,
    (S.BLOCKED, "expired"): S.EXPIRED,
    **{(state, "voided"): S.VOID for state in OPEN_QUESTION},
    **{(state, "stopped"): S.CANCELLED for state in OPEN_QUESTION},
    (S.RUNNING, "stopped"): S.RUNNING,
    (S.UNKNOWN, "stopped"): S.UNKNOWN,
    (S.APPROVED, "began"): S.RUNNING,
    (S.RUNNING, "went on"): S.RUNNING,
    (S.RUNNING, "finished well"): S.SUCCEEDED,
    (S.RUNNING, "finished badly"): S.FAILED,
    (S.RUNNING, "finished in part"): S.PARTLY_DONE,
    (S.RUNNING, "finished untouched"): S.CANCELLED,
    (S.RUNNING, "lost"): S.UNKNOWN,
    (S.UNKNOWN, "settled"): S.RUNNING,
}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", State)
def test_every_event_in_every_state_does_what_the_table_says_or_is_refused(state: State, event: str) -> None:
    change = a_change(state)

    if (state, event) in ALLOWED:
        assert evolve(change, EVENTS[event]).state is ALLOWED[state, event]
    else:
        with pytest.raises(Refused, match=r"Change 42 (has|is|waits)"):
            evolve(change, EVENTS[event])


def test_the_table_knows_every_event() -> None:
    assert {type(event) for event in EVENTS.values()} == set(Event.__args__)  # type: ignore[attr-defined]  # a union


def test_a_change_that_needs_no_approval_is_approved_once_its_gates_open() -> None:
    assert evolve(a_change(S.PROPOSED, approvals_needed=0), Cleared()).state is S.APPROVED


def test_the_second_of_two_approvals_is_enough() -> None:
    once = evolve(a_change(), ApprovedBy("U_ONE"))
    twice = evolve(once, ApprovedBy("U_TWO"))

    assert once.state is S.WAITING
    assert twice.state is S.APPROVED


def test_one_person_approving_twice_counts_once() -> None:
    change = evolve(evolve(a_change(), ApprovedBy("U_ONE")), ApprovedBy("U_ONE"))

    assert change.state is S.WAITING
    assert change.approved_by == {"U_ONE"}


def test_the_first_who_stops_a_running_change_is_the_one_who_is_named() -> None:
    change = evolve(evolve(a_change(S.RUNNING), Stopped("U_ONE")), Stopped("U_TWO"))

    assert change.stop_asked_by == "U_ONE"


def lived(events: list[Event], needed: int) -> list[Change]:
    """Let events happen to a new change, skipping what is refused; return how it stood after each."""
    lives = [a_change(S.PROPOSED, approvals_needed=needed)]
    for event in events:
        try:
            lives.append(evolve(lives[-1], event))
        except Refused:
            lives.append(lives[-1])
    return lives


people = st.sampled_from(["U_ONE", "U_TWO", "U_THREE"])
any_event = st.one_of(st.sampled_from(list(EVENTS.values())), people.map(ApprovedBy), people.map(Stopped))
lives = st.builds(lived, st.lists(any_event, max_size=40), st.integers(0, 3))


@given(lives)
def test_no_event_leaves_a_final_state(life: list[Change]) -> None:
    for before, after in itertools.pairwise(life):
        assert not before.final or after == before


@given(lives)
def test_approvals_are_never_lost_and_nothing_runs_without_enough_of_them(life: list[Change]) -> None:
    for before, after in itertools.pairwise(life):
        assert before.approved_by <= after.approved_by
    for change in life:
        if change.state in {S.APPROVED, S.RUNNING, S.UNKNOWN} | OUTCOMES - {S.CANCELLED}:
            assert len(change.approved_by) >= change.approvals_needed


@given(lives)
def test_who_stopped_it_is_never_forgotten(life: list[Change]) -> None:
    for before, after in itertools.pairwise(life):
        assert before.stop_asked_by is None or after.stop_asked_by == before.stop_asked_by


O = operation.State  # noqa: E741 - read as a table
SUMS = {
    (O.SUCCEEDED,): S.SUCCEEDED,
    (O.SUCCEEDED, O.SUCCEEDED): S.SUCCEEDED,
    (O.FAILED,): S.FAILED,
    (O.ROLLED_BACK,): S.FAILED,
    (O.CANCELLED,): S.CANCELLED,
    (O.CANCELLED, O.CANCELLED): S.CANCELLED,
    (O.SUCCEEDED, O.FAILED): S.PARTLY_DONE,
    (O.SUCCEEDED, O.ROLLED_BACK): S.PARTLY_DONE,
    (O.SUCCEEDED, O.CANCELLED): S.PARTLY_DONE,
    (O.FAILED, O.CANCELLED): S.FAILED,
    (O.ROLLED_BACK, O.CANCELLED): S.FAILED,
    (O.SUCCEEDED, O.UNKNOWN): None,
    (O.FAILED, O.QUEUED): None,
    (O.SUCCEEDED, O.RUNNING): None,
}


@pytest.mark.parametrize(("states", "expected"), SUMS.items())
def test_operations_add_up(states: tuple[operation.State, ...], expected: State | None) -> None:
    assert outcome(states) is expected
    assert outcome(states[::-1]) is expected


def test_operations_never_add_up_while_one_of_them_can_move() -> None:
    for states in itertools.product(operation.State, repeat=3):
        summed = outcome(states)
        if any(state not in operation.FINAL for state in states):
            assert summed is None
        else:
            assert summed in OUTCOMES <= ENDED
