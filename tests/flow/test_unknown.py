"""When it cannot be told what happened: it says so, keeps its target, and asks a person."""

from datetime import timedelta

import pytest

from bot.domain.change import Change
from bot.domain.errors import Refused
from bot.domain.observation import Phase
from bot.usecases import decisions
from tests.fakes.backend import Behaviour, Ending
from tests.fakes.healthbridge import JOHANNES, MARIA, NDAPEWA, HealthBridge
from tests.flow.conftest import Edited

SECOND = timedelta(seconds=1)


async def lost(house: HealthBridge, version: str = "1.0.0") -> Change:
    """Deploy something of which the backend can no longer tell what became of it."""
    house.source.commit("backend", version)
    house.backend.then(Behaviour.FORGET)
    change = await house.deployed("staging", "backend")
    assert change.state == "unknown"
    return change


async def test_a_build_that_vanished_is_unknown_and_not_a_failure(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.runner.then(Ending(hangs=True))
    house.clock.at(SECOND, lambda: lose_the_build(house))

    change = await house.deployed("staging", "backend")

    assert change.state == "unknown"
    assert (await house.op(change)).reason == "build: its process is gone and left no exit code"
    assert house.effects() == []


async def lose_the_build(house: HealthBridge) -> None:
    house.runner.lose(house.runner.starts[-1][0])


async def test_a_backend_that_forgot_the_key_is_unknown_and_never_asked_again(house: HealthBridge) -> None:
    change = await lost(house)

    op = await house.op(change)
    assert op.state == "unknown"
    assert op.reason == "apply: what was asked for is no longer known there"
    assert len(house.backend.asks) == 1


async def test_a_backend_that_cannot_be_reached_until_it_is_late_is_unknown(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.then(Behaviour.HANG)
    house.clock.at(SECOND, lambda: cut_off(house))

    op = await house.op(await house.deployed("staging", "backend"))

    assert op.state == "unknown"
    assert op.reason.startswith("apply: no end after 1")
    assert "connection refused" in op.reason


async def cut_off(house: HealthBridge) -> None:
    house.backend.down = "connection refused"


async def test_a_backend_that_comes_back_in_time_goes_on_as_if_nothing_had_been(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.then(Behaviour.HANG)
    house.clock.at(SECOND, lambda: cut_off(house))
    house.clock.at(SECOND * 8, lambda: come_back(house))

    change = await house.deployed("staging", "backend")

    assert change.state == "succeeded"
    assert house.effects() == ["1.0.0"]


async def come_back(house: HealthBridge) -> None:
    house.backend.down = ""
    house.backend.settle(house.backend.asks[-1][1])


async def test_an_apply_that_never_ends_is_unknown(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.then(Behaviour.HANG)

    assert (await house.op(await house.deployed("staging", "backend"))).reason.startswith("apply: no end after 1")


@pytest.mark.parametrize("behaviour", [Behaviour.LOSE_ANSWER, Behaviour.HANG_LOSE_ANSWER])
async def test_an_answer_that_was_lost_after_the_work_is_looked_for_and_nothing_is_done_twice(
    house: HealthBridge, behaviour: Behaviour
) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.then(behaviour)
    house.clock.at(SECOND * 5, lambda: settle(house))

    change = await house.deployed("staging", "backend")

    assert change.state == "succeeded"
    assert house.effects() == ["1.0.0"]
    assert len(house.backend.asks) == 1


async def settle(house: HealthBridge) -> None:
    if not house.effects():
        house.backend.settle(house.backend.asks[-1][1], Phase.LIVE)


async def test_a_build_whose_answer_was_lost_is_built_once(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.runner.lose_answer()

    change = await house.deployed("staging", "backend")

    assert change.state == "succeeded"
    assert len(house.runner.asks) == 1


async def test_what_is_unknown_keeps_its_target_and_others_wait(house: HealthBridge) -> None:
    await lost(house)
    house.source.commit("backend", "1.1.0")

    waiting = await house.deployed("staging", "backend")

    assert waiting.state == "running"
    assert (await house.op(waiting)).state == "queued"
    assert house.effects() == ["1.0.0"]


async def test_a_person_marks_it_as_succeeded(house: HealthBridge) -> None:
    change = await lost(house)
    op = await house.op(change)

    await decisions.settle(house.world, op.id, by=MARIA, succeeded=True)
    await house.drain()

    settled = await house.op(change)
    assert (settled.state, settled.settled_by) == ("succeeded", MARIA)
    assert (await house.change(change.id)).state == "succeeded"
    assert await house.live("backend", "staging") == "1.0.0"


async def test_a_person_marks_it_as_failed_and_who_waited_has_their_turn(house: HealthBridge) -> None:
    change = await lost(house)
    house.source.commit("backend", "1.1.0")
    waiting = await house.deployed("staging", "backend")

    await decisions.settle(house.world, (await house.op(change)).id, by=MARIA, succeeded=False)
    await house.drain()

    assert (await house.change(change.id)).state == "failed"
    assert (await house.change(waiting.id)).state == "succeeded"
    assert await house.live("backend", "staging") == "1.1.0"


async def test_it_is_settled_once(house: HealthBridge) -> None:
    op = await house.op(await lost(house))
    await decisions.settle(house.world, op.id, by=MARIA, succeeded=True)

    with pytest.raises(Refused, match="already succeeded"):
        await decisions.settle(house.world, op.id, by=NDAPEWA, succeeded=False)


async def test_only_who_may_deploy_or_roll_back_may_settle(house: HealthBridge) -> None:
    op = await house.op(await lost(house))

    with pytest.raises(Refused, match="Only developers or qa may say how an operation in staging ended"):
        await decisions.settle(house.world, op.id, by=JOHANNES, succeeded=True)
    with pytest.raises(Refused, match="There is no operation 999"):
        await decisions.settle(house.world, 999, by=MARIA, succeeded=True)


async def test_a_person_rolls_back_out_of_the_unknown(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    change = await lost(house, "1.1.0")

    back = await house.rolled_back("staging")

    assert (await house.change(change.id)).state == "failed"
    assert back.state == "succeeded", await house.op(back)
    assert house.effects() == ["1.0.0", "1.1.0", "1.0.0"]
    assert await house.live("backend", "staging") == "1.0.0"
    assert list(await house.held("backend", "staging")) == ["1.1.0"]


async def test_the_rest_of_a_change_waits_for_the_unknown_and_goes_on_when_it_turns_out_well(
    house: HealthBridge,
) -> None:
    house.source.commit("backend", "1.0.0")
    house.source.commit("frontend", "1.0.0")
    house.backend.then(Behaviour.FORGET)
    change = await house.deployed("staging")
    assert [op.state for op in await house.ops(change)] == ["unknown", "queued"]

    await decisions.settle(house.world, (await house.ops(change))[0].id, by=MARIA, succeeded=True)
    await house.drain()

    assert (await house.change(change.id)).state == "succeeded"
    assert house.effects("frontend") == ["1.0.0"]


async def test_a_change_with_something_unknown_can_be_stopped_and_ends_when_it_is_settled(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.source.commit("frontend", "1.0.0")
    house.backend.then(Behaviour.FORGET)
    change = await house.deployed("staging")

    await decisions.cancel(house.world, change.id, by=NDAPEWA)
    await house.drain()
    assert [op.state for op in await house.ops(change)] == ["unknown", "cancelled"]
    await decisions.settle(house.world, (await house.ops(change))[0].id, by=MARIA, succeeded=True)
    await house.drain()

    assert (await house.change(change.id)).state == "partly_done"
    assert house.effects("frontend") == []


async def test_a_way_back_that_is_unknown_and_settled_as_done_leaves_the_old_release_live(
    house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(edited(("on_failure: ask", "on_failure: roll_back")))
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.source.commit("backend", "1.1.0")
    house.backend.then(Behaviour.WORK)
    house.backend.then(Behaviour.FORGET)
    house.probe.sick("http://backend.staging/health")
    change = await house.deployed("staging", "backend")
    op = await house.op(change)
    assert (op.state, op.going_back) == ("unknown", True)

    await decisions.settle(house.world, op.id, by=MARIA, succeeded=True)
    await house.drain()

    assert (await house.op(change)).state == "rolled_back"
    assert await house.live("backend", "staging") == "1.0.0"
    assert list(await house.held("backend", "staging")) == ["1.1.0"]


async def test_a_rollback_that_is_unknown_and_settled_as_done_marks_what_it_left(house: HealthBridge) -> None:
    for version in ("1.0.0", "1.1.0"):
        house.source.commit("backend", version)
        await house.deployed("staging", "backend")
    house.backend.then(Behaviour.FORGET)
    change = await house.rolled_back("staging")

    await decisions.settle(house.world, (await house.op(change)).id, by=MARIA, succeeded=True)
    await house.drain()

    assert await house.live("backend", "staging") == "1.0.0"
    assert list(await house.held("backend", "staging")) == ["1.1.0"]


async def test_a_backend_that_says_live_while_something_else_serves_is_not_believed(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.then(Behaviour.HANG)
    house.clock.at(SECOND, lambda: somebody_else(house))

    op = await house.op(await house.deployed("staging", "backend"))

    assert op.state in {"failed", "unknown"}
    assert await house.live("backend", "staging") is None


async def somebody_else(house: HealthBridge) -> None:
    target, key = house.backend.asks[-1]
    house.backend.settle(key)
    house.backend.drift(target, "9.9.9", f"sha256:{'9' * 64}")
