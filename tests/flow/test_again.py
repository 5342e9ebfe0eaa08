"""`/again` and its button: the same once more, as a change of its own, never around approval."""

import pytest

from bot.command import Context
from bot.domain.change import Change
from bot.domain.errors import Refused
from bot.usecases import again, decisions
from commands import again as word
from tests.fakes.backend import Behaviour
from tests.fakes.healthbridge import JOHANNES, NDAPEWA, TOMAS, HealthBridge


async def run_again(house: HealthBridge, change: Change, by: str = NDAPEWA) -> Change:
    """Press the button, do what follows, and return the new change, which there has to be."""
    key = f"press-{change.id}-{by}"
    assert await word.press(change.id, Context(house.world, by, "C0DEPLOYM2", key)) is None
    await house.drain()
    number = max(op.change_id for op in await house.recent())
    assert number != change.id
    return await house.change(number)


async def failed(house: HealthBridge, *services: str) -> Change:
    """Deploy to staging what does not come up."""
    for service in services:
        house.source.commit(service, f"1.{len(service)}.0")
    house.backend.then(Behaviour.FAIL)
    change = await house.deployed("staging", *(services if len(services) == 1 else []))
    if len(services) > 1:  # the rest waits for a word
        await decisions.cancel(house.world, change.id, by=NDAPEWA)
        await house.drain()
        change = await house.change(change.id)
    assert change.state == "failed", change
    return change


async def test_the_same_release_is_asked_for_although_something_newer_is_there(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.then(Behaviour.FAIL)
    answer = await house.deploy("staging", "backend", reason="the search is slow")
    assert answer.change is not None
    house.source.commit("backend", "2.0.0")
    fresh = await run_again(house, await house.change(answer.change))

    assert fresh.state == "succeeded"
    assert fresh.reason == "the search is slow"
    assert house.effects() == ["1.0.0"]


async def test_an_old_card_does_not_undo_what_was_brought_since(house: HealthBridge) -> None:
    change = await failed(house, "backend")
    house.source.commit("backend", "2.0.0")
    newer = await house.deployed("staging", "backend")
    answer = await house.ask("again", NDAPEWA, {"environment": "staging", "change": change.id})

    assert answer.change is None
    assert f"backend/staging runs what change {newer.id} brought there after change {change.id}" in (answer.reply or "")
    assert house.effects() == ["2.0.0"]


async def test_it_has_keys_of_its_own(house: HealthBridge) -> None:
    change = await failed(house, "backend")
    await run_again(house, change)

    first, second = (key for _, key in house.backend.asks)
    assert first != second


async def test_every_service_is_asked_for_with_the_version_that_it_had(house: HealthBridge) -> None:
    change = await failed(house, "backend", "frontend")
    house.source.commit("backend", "3.0.0")
    fresh = await run_again(house, change)

    wanted = [(op.service, op.to.version) for op in change.plan.operations]
    assert [(op.service, op.to.version) for op in fresh.plan.operations] == wanted
    assert [op.state for op in await house.ops(fresh)] == ["succeeded", "succeeded"]


async def test_a_cancelled_change_for_production_needs_its_approvals_anew(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    change = await house.deployed("production", "backend")
    await decisions.approve(house.world, change.id, by=TOMAS)
    await decisions.cancel(house.world, change.id, by=NDAPEWA)
    await house.drain()
    fresh = await run_again(house, await house.change(change.id))

    assert (fresh.state, fresh.approvals_needed, fresh.approved_by) == ("waiting", 2, frozenset())
    assert house.effects(environment="production") == []
    assert (await house.approved(fresh)).state == "succeeded"


async def test_who_may_not_deploy_may_not_run_it_again(house: HealthBridge) -> None:
    change = await failed(house, "backend")

    with pytest.raises(Refused, match="may deploy to staging"):
        await word.press(change.id, Context(house.world, JOHANNES, "C0DEPLOYM2", "press"))


async def test_what_succeeded_or_waits_is_not_run_again(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    waiting = await house.deployed("production", "backend")

    with pytest.raises(Refused, match=f"{waiting.id} is waiting"):
        await again.wish(house.world, NDAPEWA, waiting.id)


async def test_of_two_who_press_it_at_once_the_second_is_told_whose_it_is(house: HealthBridge) -> None:
    change = await failed(house, "backend")
    house.backend.then(Behaviour.FORGET)
    fresh = await run_again(house, change)
    answer = await house.ask("again", NDAPEWA, {"environment": "staging", "change": change.id})

    assert answer.change is None
    assert answer.reply is not None
    assert f"There is nothing to run again. Change {fresh.id} by Ndapewa Shilongo was bringing" in answer.reply


async def test_what_was_rolled_back_from_since_is_not_brought_by_a_button(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    change = await failed(house, "backend")
    house.backend.then(Behaviour.WORK)
    await run_again(house, change)
    await house.rolled_back("staging", to="1.0.0")
    answer = await house.ask("again", NDAPEWA, {"environment": "staging", "change": change.id})

    assert answer.change is None
    assert "backend/staging runs what change" in (answer.reply or "")
    assert await house.live("backend", "staging") == "1.0.0"


async def test_a_rollback_that_failed_goes_back_to_the_same_release(house: HealthBridge) -> None:
    for version in ("1.0.0", "2.0.0"):
        await house.good_in_staging(version)
    house.backend.then(Behaviour.FAIL)
    change = await house.rolled_back("staging")
    assert change.state == "failed"
    fresh = await run_again(house, change, TOMAS)

    assert (fresh.kind, fresh.state, fresh.reason) == ("rollback", "succeeded", change.reason)
    assert await house.live("backend", "staging") == "1.0.0"


async def test_a_restart_that_failed_is_asked_for_again_with_its_reason(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    house.backend.then(Behaviour.FAIL)
    change = await house.restarted("staging", reason="it answers slowly")
    assert change.state == "failed"
    fresh = await run_again(house, change, TOMAS)

    assert (fresh.kind, fresh.state, fresh.reason) == ("restart", "succeeded", "it answers slowly")
