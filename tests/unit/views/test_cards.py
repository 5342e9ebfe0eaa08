"""Cards are right by Slack's rules in every state, say the same in text and blocks, and show outside words as words."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.change import Change, State
from bot.domain.gate import GateResult, Verdict
from bot.domain.operation import Kind, Operation
from bot.domain.operation import State as OperationState
from bot.domain.plan import Plan, PlannedCommit, PlannedOperation, PlannedRelease, PlannedStep
from bot.domain.release import Commit, Release
from bot.domain.standing import Glance, Offer
from bot.domain.step import State as StepState
from bot.domain.step import Step
from bot.domain.target import Target
from bot.sandbox.validation import check_blocks, check_view
from bot.views import forms, logs
from bot.views.changes import approval, live
from bot.views.kit import Message
from bot.views.pictures import ChangePicture, InLine, OperationPicture, Owner, Vote

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANY = st.text(max_size=300)


def a_picture(
    state: State = State.RUNNING,
    op_state: OperationState = OperationState.RUNNING,
    words: str = "words",
    services: int = 2,
    commits: int = 3,
) -> ChangePicture:
    change = _change(state, words, services, commits)
    pictures = [_operation(change, place, op_state, words) for place in range(services)]
    return ChangePicture(
        change,
        pictures,
        NOW,
        names={"U1": words, "U2": words},
        votes=[Vote("U2", "reject" if state is State.REJECTED else "approve", NOW, words)],
        gates=[GateResult("reachable", "backend/staging", Verdict.UNKNOWN, words)],
        groups=["<!subteam^S1>"],
    )


def _change(state: State, words: str, services: int, commits: int) -> Change:
    planned = tuple(
        PlannedOperation(
            f"service-{place}",
            PlannedRelease(2, words[:100], "b" * 40, "sha256:" + "1" * 64),
            PlannedRelease(1, words[:100], "a" * 40, "sha256:" + "2" * 64),
            (PlannedStep("apply", words[:40]),),
            commits=tuple(PlannedCommit("c" * 40, words, words, NOW.isoformat()) for _ in range(commits)),
        )
        for place in range(services)
    )
    plan = Plan(Kind.DEPLOY, "staging", planned, 2, ("production-team",))
    return Change(
        42,
        Kind.DEPLOY,
        "staging",
        "U1",
        plan,
        reason=words,
        trigger=words,
        state=state,
        approvals_needed=2,
        words=words,
        created_at=NOW,
        started_at=NOW,
        expires_at=NOW + timedelta(hours=4),
        stop_asked_by="U1" if state is State.CANCELLED else None,
    )


def _operation(change: Change, place: int, state: OperationState, words: str) -> OperationPicture:
    op = Operation(place, 42, place, Kind.DEPLOY, Target(f"service-{place}", "staging"), 1, 2, state, reason=words)
    steps = [
        Step(1, place, 0, "build", words, "k1", state=StepState.SUCCEEDED, started_at=NOW, finished_at=NOW),
        Step(2, place, 1, "apply", words, "k2", state=StepState.ASKED, detail=words),
    ]
    line = InLine(7, "U2", place, lost=place > 1) if place else None
    return OperationPicture(op, change.plan.operations[place], steps, before=words[:100], line=line, owner=Owner(9, 43))


def _fits(message: Message) -> None:
    assert check_blocks(list(message.blocks), surface="message") == []
    assert message.text


@pytest.mark.parametrize("op_state", list(OperationState))
@pytest.mark.parametrize("state", list(State))
def test_a_card_keeps_slacks_rules_in_every_state(state: State, op_state: OperationState) -> None:
    picture = a_picture(state, OperationState.UNKNOWN if state is State.UNKNOWN else op_state)

    _fits(live(picture))
    _fits(approval(picture))


@settings(max_examples=60, deadline=None)
@given(ANY)
def test_a_card_keeps_slacks_rules_whatever_people_write(words: str) -> None:
    picture = a_picture(State.WAITING, OperationState.QUEUED, words)

    _fits(live(picture))
    _fits(approval(picture))


def test_a_card_of_thirty_services_with_long_words_still_fits() -> None:
    _fits(live(a_picture(State.RUNNING, OperationState.FAILED, "long " * 3000, services=30, commits=50)))


@pytest.mark.parametrize("words", ["<!channel>", "<@U123> and <#C1>", "a & b", "\u202eevil"])
def test_outside_words_ping_nobody(words: str) -> None:
    message = live(a_picture(words=words))

    marked = [
        part["text"]
        for block in message.blocks
        for part in (block.get("text"), *block.get("elements", []))  # type: ignore[misc]  # Block Kit has no types
        if isinstance(part, dict) and part.get("type") == "mrkdwn"
    ]
    assert marked
    assert not any(mark in str(text) for text in marked for mark in ("<!channel", "<@U123", "<#C1", "\u202e"))


def test_the_text_says_what_the_blocks_say() -> None:
    message = live(replace(a_picture(State.FAILED, OperationState.FAILED, services=1), gates=()))

    assert message.text.replace("\u00a0", " ").split("\n") == [
        "❌ Deploy to staging · failed · 0s",
        "change 42 · asked by words",
        "“words: words”",
        "service-0  words → words · failed",
        "✓ words   ⏳ words (words)",
        "words",
        *["• ccccccc words – words"] * 3,
        "👍 approved by words · <!date^1772442000^{time}^2026-03-02 09:00 UTC>",
        "To try the same again: /deploy staging service-0 words.",
    ]


@pytest.mark.parametrize("state", list(State))
def test_every_word_of_the_blocks_is_in_the_text(state: State) -> None:
    for message in (live(a_picture(state)), approval(a_picture(state))):
        said = [_bare(text) for text in _texts(message)]

        assert said
        assert [one for one in said if one not in _bare(message.text)] == []


def _texts(message: Message) -> list[str]:
    parts: list[Any] = [part for block in message.blocks for part in (block.get("text"), *_of_context(block))]
    return [part["text"] for part in parts if part]


def _of_context(block: dict[str, object]) -> list[Any]:
    elements = block.get("elements")
    return elements if isinstance(elements, list) and block["type"] == "context" else []


def _bare(text: str) -> str:
    return re.sub("[*`\u2066-\u2069]", "", text).replace("<!subteam^S1>", "production-team")


def test_the_text_calls_nobody() -> None:
    asked = approval(a_picture(State.WAITING))

    assert "<!subteam^S1>" in str(asked.blocks)
    assert "subteam" not in asked.text
    assert "Needs 2 approvals from production-team" in asked.text


def test_what_did_not_start_for_want_of_a_free_way_is_not_said_to_have_waited_for_people() -> None:
    assert "nobody decided" not in live(a_picture(State.EXPIRED)).text  # `words` say what was in the way


@pytest.mark.parametrize("state", [State.VOID, State.EXPIRED, State.REJECTED])
def test_what_came_to_nothing_says_how_to_ask_again(state: State) -> None:
    assert "To ask again: /deploy staging" in live(a_picture(state)).text


def test_an_expired_question_has_no_buttons() -> None:
    assert not any(block["type"] == "actions" for block in approval(a_picture(State.EXPIRED)).blocks)


def test_a_log_is_shown_to_the_letter() -> None:
    message = logs.page("``` <!here> *x* שלום\u2066\u2067\u2068\u2069\u202e\n", 1, target="backend/staging", last=True)

    _fits(message)
    (shown,) = message.blocks[0]["elements"][0]["elements"]  # type: ignore[index]
    assert shown["text"] == "``` <!here> *x* שלום\n"  # and nothing that turns the lines after it around


def test_the_windows_keep_slacks_rules() -> None:
    release = Release(7, "backend", "1.2.0", Commit("d" * 40, "ليلى", "x" * 500, NOW), "t", "develop", "sha256:1")
    good = [(release, NOW - timedelta(days=3, hours=2))] * 130
    offered = [Offer(Target("backend", "staging"), Glance(9, 4, 5, 11), replace(release, version="1.3.0"), good)]

    assert check_view(forms.deploy(["staging"], ["backend"], channel="C1")) == []
    assert check_view(forms.rollback("production-with-a-long-name", offered, to=release, now=NOW, channel="C1")) == []
    assert check_view(forms.reject(42)) == []
    said = forms.Said("bug", "why " * 400)
    assert check_view(forms.rollback("staging", offered, to=None, now=NOW, channel="C1", said=said)) == []
    shown = str(forms.rollback("staging", offered, to=None, now=NOW, channel=""))
    assert "3d 2h ago" in shown
    assert "backend: whether `1.3.0` runs is unknown" in shown
    assert "backend #7 9.4.5.11" in shown


def test_a_window_that_begins_with_one_of_very_many_choices_holds_it() -> None:
    release = Release(0, "backend", "1.2.0", Commit("d" * 40, "Ada", "x", NOW), "t", "develop", "sha256:1")
    good = [(replace(release, id=number), NOW - timedelta(hours=number)) for number in range(130)]
    offered = [Offer(Target("backend", "staging"), Glance(), None, good)]
    modal = forms.rollback("staging", offered, to=good[120][0], now=NOW, channel="")
    blocks: Any = modal["blocks"]
    select = blocks[1]["element"]

    assert check_view(modal) == []
    assert len(select["options"]) == forms.MOST_OPTIONS
    assert select["initial_option"]["value"].startswith("backend #120 ")
    assert select["initial_option"] in select["options"]
