"""Who may approve what."""

from datetime import timedelta

import pytest

from bot.domain.approval import check_approval, check_vote
from bot.domain.change import State
from bot.domain.errors import Refused
from tests.unit.domain.samples import NOW, a_change

MEMBERS = {"production-team": frozenset({"U_SELMA", "U_TOMAS", "U_ASKER"})}
SECOND = timedelta(seconds=1)


def test_a_member_of_the_policys_team_may_approve() -> None:
    check_approval(a_change(), "U_SELMA", members=MEMBERS, now=NOW)


def test_nobody_approves_their_own() -> None:
    with pytest.raises(Refused, match="You asked for change 42, so somebody else has to approve it"):
        check_approval(a_change(), "U_ASKER", members=MEMBERS, now=NOW)


def test_an_outsider_is_told_who_may() -> None:
    with pytest.raises(Refused, match="Only production-team may decide on change 42"):
        check_approval(a_change(), "U_MARIA", members=MEMBERS, now=NOW)


def test_with_no_team_at_all_nobody_may() -> None:
    with pytest.raises(Refused):
        check_approval(a_change(), "U_SELMA", members={}, now=NOW)


def test_a_second_yes_of_the_same_person_is_refused_and_says_how_many_are_missing() -> None:
    change = a_change(approved_by=frozenset({"U_SELMA"}))
    with pytest.raises(Refused, match="You have approved change 42 already; it waits for 1 more"):
        check_approval(change, "U_SELMA", members=MEMBERS, now=NOW)


@pytest.mark.parametrize("state", [state for state in State if state is not State.WAITING])
def test_a_vote_counts_only_while_the_change_waits(state: State) -> None:
    with pytest.raises(Refused, match=f"it is {state.replace('_', ' ')}"):
        check_vote(a_change(state), "U_SELMA", members=MEMBERS, now=NOW)


def test_at_the_very_moment_of_expiry_it_is_too_late_and_just_before_it_is_not() -> None:
    change = a_change(expires_at=NOW)

    check_vote(change, "U_SELMA", members=MEMBERS, now=NOW - SECOND)
    with pytest.raises(Refused, match="expired before this vote"):
        check_vote(change, "U_SELMA", members=MEMBERS, now=NOW)


def test_who_asked_may_still_say_no_to_it() -> None:
    check_vote(a_change(), "U_ASKER", members=MEMBERS, now=NOW)
