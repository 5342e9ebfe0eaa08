"""`/status` is read on a phone: twelve services in three environments are a line each, sixty still fit a message."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.operation import Kind, Operation, State
from bot.domain.release import Commit, Release
from bot.domain.standing import Hold, Live, Standing
from bot.domain.target import Target
from bot.sandbox.validation import check_blocks
from bot.views.kit import Message
from bot.views.status import Board, board

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(days=2, hours=3)
NAMES = {"U1": "Ndapewa Shilongo"}
ENVIRONMENTS = ("development", "staging", "production")
WHOLE_MESSAGE = 12_500  # characters of block text: what Slack takes, and a little less
PHONE = 46  # characters of a line on a phone


def release(version: str) -> Release:
    return Release(7, "backend", version, Commit("c" * 40, "Léa", "words", EARLIER), "tree", "develop", "sha256:1")


def standing(target: Target, *, failed: bool = False, drifts: bool = False, held: int = 0, words: str = "") -> Standing:
    seen = "sha256:2" if drifts else "sha256:1"
    live = Live(target, 7, 5, "key", "U1", EARLIER, "live", seen, "0.9.0", "", NOW)
    state = State.FAILED if failed else State.SUCCEEDED
    op = Operation(5, 3, 0, Kind.DEPLOY, target, 6, 7, state, reason=words)
    off = [(_hold(target, words), release(f"2.{number}.0")) for number in range(held)]
    return Standing(target, live, release("1.14.2"), None, op, off)


def _hold(target: Target, words: str) -> Hold:
    return Hold(3, target, 8, 4, "U1", words, EARLIER)


def seen(standings: Sequence[Standing]) -> Message:
    return board(Board(standings, [], NOW, NAMES))


def everywhere(services: int) -> list[Target]:
    return [Target(f"service-{number}", where) for where in ENVIRONMENTS for number in range(services)]


def _fits(message: Message) -> None:
    assert check_blocks(list(message.blocks), surface="message") == []
    assert sum(len(str(_text(block))) for block in message.blocks) < WHOLE_MESSAGE


def _text(block: dict[str, object]) -> object:
    return block.get("text") or block.get("elements") or ""


def test_twelve_services_in_three_environments_are_a_short_line_each() -> None:
    message = seen([standing(target) for target in everywhere(12)])

    _fits(message)
    lines = [line for line in message.text.split("\n") if line.startswith("service-")]
    assert len(lines) == 36
    assert lines[0] == "service-0 1.14.2 · 2d · Ndapewa Shilongo"
    assert max(map(len, lines)) <= PHONE
    assert len(message.blocks) <= 5


def test_sixty_services_in_three_environments_all_stand_there() -> None:
    message = seen([standing(target) for target in everywhere(60)])

    _fits(message)
    for target in everywhere(60):
        assert f"{target.service} 1.14.2" in message.text
    assert "`/status development` says since when, and by whom." in str(message.blocks[-2])


def test_sixty_services_in_one_environment_are_a_line_each() -> None:
    message = seen([standing(target) for target in everywhere(60) if target.environment == "staging"])

    _fits(message)
    assert message.text.count("Ndapewa Shilongo") == 60


@pytest.mark.parametrize("services", [1, 12, 60, 200])
@pytest.mark.parametrize("words", ["pool empty", "long " * 200, "<!channel> *x* `y` שלום"])
def test_whatever_is_wrong_with_however_many_it_fits_and_what_is_wrong_is_on_top(services: int, words: str) -> None:
    everything = [
        standing(target, failed=place % 2 == 0, drifts=place % 3 == 0, held=place % 5, words=words)
        for place, target in enumerate(everywhere(services))
    ]

    message = seen(everything)

    _fits(message)
    assert message.text.startswith("Needs somebody\n❌ service-0/development runs 1.14.2, which failed")
    assert "<!channel" not in message.text


def test_what_needs_somebody_is_cut_with_its_number_and_marked_below() -> None:
    message = seen([standing(target, failed=True, words="x") for target in everywhere(60)])

    assert "… and 168 more" in message.text
    assert message.text.count("❌ service-59 ") >= 1


def test_what_is_missing_is_said_in_one_line() -> None:
    message = seen([Standing(target, None, None, None) for target in everywhere(3)])

    assert message.text.split("\n")[:2] == ["development", "nothing yet: service-0, service-1, service-2"]
