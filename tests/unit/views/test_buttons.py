"""What a card offers to do about a change, and what it says before it is done: short enough for a phone."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.change import State
from bot.domain.operation import Kind
from bot.views.buttons import Stands, following
from tests.unit.domain.samples import a_change, a_planned

LONGEST = 300  # characters of a question before a button, as Slack has it


def offered(state: State, ends: tuple[str, ...] = (), *, serves: bool = False, **others: object) -> dict[str, Any]:
    change = replace(a_change(state), **others)  # type: ignore[arg-type]  # the words of the fields
    blocks: list[Any] = following(change, None, Stands(serves=serves, ends=ends))
    return {block["action_id"]: block for block in blocks}


def question(block: dict[str, Any]) -> str:
    return str(block["confirm"]["text"]["text"])


def test_cancel_says_that_what_touches_a_target_runs_on_where_it_cannot_be_ended() -> None:
    words = question(offered(State.RUNNING)["cancel"])

    assert words == (
        "What has not begun will not be done; "
        "what touches a target already runs to its end, and what is live stays live."
    )


def test_cancel_says_what_is_asked_to_end() -> None:
    words = question(offered(State.RUNNING, ("github_actions",))["cancel"])

    assert "what github_actions has under way is asked to end, and may end half-way" in words
    assert "brought back" not in words


def test_cancel_says_that_the_policy_goes_back_then() -> None:
    plan = replace(a_change(State.RUNNING).plan, on_failure="roll_back")
    words = question(offered(State.RUNNING, ("github_actions",), plan=plan)["cancel"])

    assert words.endswith("Then what was there before is brought back.")
    assert len(words) < LONGEST


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_what_failed_or_was_cancelled_can_be_run_again(state: State) -> None:
    block = offered(state, approvals_needed=2)["again"]

    assert block["text"]["text"] == "Run again"
    assert question(block) == (
        "Deploy in production: backend 2.0.0. A new change with its own plan. It needs approval anew."
    )


@pytest.mark.parametrize("state", sorted(set(State) - {State.FAILED, State.CANCELLED}))
def test_nothing_else_can(state: State) -> None:
    assert "again" not in offered(state, serves=True)


def test_what_failed_and_serves_can_be_left_too() -> None:
    assert list(offered(State.FAILED, serves=True)) == ["again", "rollback"]


def test_what_was_overtaken_is_not_run_again_from_its_old_card() -> None:
    assert following(a_change(State.FAILED), None, Stands(overtaken=True)) == []


def test_a_way_back_that_the_engine_took_is_not_run_again_by_a_button() -> None:
    assert "again" not in offered(State.FAILED, kind=Kind.ROLLBACK)
    assert "again" in offered(State.FAILED, kind=Kind.ROLLBACK, trigger="Critical bug")


def test_a_long_list_of_services_fits_the_question() -> None:
    many = tuple(a_planned(f"service-with-a-long-name-{number}") for number in range(30))
    words = question(offered(State.FAILED, plan=replace(a_change(State.FAILED).plan, operations=many))["again"])

    assert len(words) <= LONGEST
