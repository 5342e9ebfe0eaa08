"""The window of a rollback begins with what was said already, and is about what serves."""

from typing import Any

import pytest

from bot.command import Context, Open
from bot.domain.errors import Refused
from bot.usecases import decisions
from commands import rollback
from tests.fakes.backend import Behaviour
from tests.fakes.healthbridge import NDAPEWA, TOMAS, HealthBridge
from tests.fakes.shown import typed

HEALTH = "http://backend.staging/health"


@pytest.fixture
async def three(house: HealthBridge) -> HealthBridge:
    """Give a HealthBridge whose backend in staging can go back to two releases, and whose frontend to one."""
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        house.source.commit("backend", version)
        await house.deployed("staging", "backend")
    for version in ("3.0.0", "3.1.0"):
        house.source.commit("frontend", version)
        await house.deployed("staging", "frontend")
    return house


async def window(house: HealthBridge, line: str) -> dict[str, Any]:
    """Return the inputs of the window that a command opens, by name."""
    answer = await typed(house, TOMAS, line)
    assert isinstance(answer, Open), answer
    blocks: Any = answer.modal["blocks"]
    return {block["block_id"]: block["element"] for block in blocks if block["type"] == "input"}


async def press(house: HealthBridge, change: int) -> dict[str, Any]:
    """Return the inputs of the window that the button of a card opens."""
    answer = await rollback.press(change, Context(house.world, TOMAS, "C0DEPLOYM2", f"press-{change}"))
    assert isinstance(answer, Open)
    blocks: Any = answer.modal["blocks"]
    return {block["block_id"]: block["element"] for block in blocks if block["type"] == "input"}


async def test_a_trigger_that_was_typed_is_chosen_when_the_reason_is_missing(three: HealthBridge) -> None:
    inputs = await window(three, "/rollback staging backend --trigger performance")

    assert inputs["trigger"]["initial_option"]["value"] == "performance"
    assert "initial_value" not in inputs["reason"]


async def test_a_reason_that_was_typed_is_there_when_the_trigger_is_missing(three: HealthBridge) -> None:
    inputs = await window(three, "/rollback staging backend to 1.0.0 --reason the search is *empty* since 14:05")

    assert inputs["reason"]["initial_value"] == "the search is *empty* since 14:05"
    assert "initial_option" not in inputs["trigger"]
    assert inputs["to"]["initial_option"]["text"]["text"].startswith("backend 1.0.0")


async def test_the_service_that_was_typed_is_the_only_one_to_choose_from(three: HealthBridge) -> None:
    inputs = await window(three, "/rollback staging frontend --reason broken")

    assert [one["text"]["text"].split()[:2] for one in inputs["to"]["options"]] == [["frontend", "3.0.0"]]
    assert inputs["to"]["initial_option"] == inputs["to"]["options"][0]


async def test_where_several_services_could_be_meant_none_is_chosen_for_the_person(three: HealthBridge) -> None:
    inputs = await window(three, "/rollback staging")

    assert len(inputs["to"]["options"]) == 3
    assert "initial_option" not in inputs["to"]


async def test_a_trigger_that_is_none_is_refused_before_a_window_opens(three: HealthBridge) -> None:
    with pytest.raises(Refused, match=r"“perfomance” is not a trigger; .*Did you mean “performance”\?"):
        await typed(three, TOMAS, "/rollback staging backend --trigger perfomance")


async def test_the_button_of_a_card_is_about_what_failed_and_was_left_running(three: HealthBridge) -> None:
    three.source.commit("backend", "1.3.0")
    three.source.commit("frontend", "3.2.0")
    three.probe.sick(HEALTH)
    change = await three.deployed("staging")
    await decisions.go_on(three.world, change.id, by=NDAPEWA)
    await three.drain()

    inputs = await press(three, change.id)

    assert {one["text"]["text"].split()[0] for one in inputs["to"]["options"]} == {"backend"}
    assert inputs["to"]["initial_option"]["text"]["text"].startswith("backend 1.2.0")


async def test_the_button_of_an_old_card_says_what_serves_instead(three: HealthBridge) -> None:
    with pytest.raises(Refused) as no:
        await press(three, 1)

    assert str(no.value) == (
        "Nothing that change 1 brought is live any more: backend/staging runs what change 3 brought. "
        "`/rollback staging` leaves what is."
    )


async def test_the_button_of_an_unknown_change_is_about_what_is_unknown(three: HealthBridge) -> None:
    three.source.commit("backend", "1.3.0")
    three.backend.then(Behaviour.FORGET)
    change = await three.deployed("staging", "backend")

    inputs = await press(three, change.id)

    assert inputs["to"]["initial_option"]["text"]["text"].startswith("backend 1.2.0")
