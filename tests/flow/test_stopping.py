"""Cancelling what a backend has under way: asked for once, and what came of it is what is seen then."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.change import Change
from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Phase
from bot.ledger import operations
from bot.usecases import decisions
from bot.world import World
from tests.fakes.backend import Behaviour, ScriptedEnder
from tests.fakes.fuse import Fuse
from tests.fakes.healthbridge import NDAPEWA, HealthBridge
from tests.flow.conftest import Edited

SECOND = timedelta(seconds=1)
BY = "stopped by Ndapewa Shilongo"


@pytest.fixture
def backend(house: HealthBridge) -> ScriptedEnder:
    """Give HealthBridge a backend that ends what it is at when it is asked to."""
    made = ScriptedEnder()
    house.backend, house.world = made, replace(house.world, backends={"scripted": made})
    return made


async def cancel(world: World) -> None:
    """Cancel the change of the newest operation."""
    async with world.ledger.transaction() as tx:
        (op, _), *_ = await operations.recent(tx, None, None)
    await decisions.cancel(world, op.change_id, by=NDAPEWA)


async def cancelled_midway(house: HealthBridge, version: str = "1.0.0", *services: str) -> Change:
    """Deploy what hangs, cancel it after five seconds, and return the change as it ended."""
    for service in services or ("backend",):
        house.source.commit(service, version)
    house.backend.then(Behaviour.HANG)
    world = house.world
    house.clock.at(5 * SECOND, lambda: cancel(world))
    return await house.deployed("staging", *(services if len(services) == 1 else []))


async def step_of(house: HealthBridge, change: Change, kind: str = "apply") -> tuple[str, str]:
    """Return how a step of the change's first operation stands, and what it left for people to read."""
    steps = await house.steps((await house.ops(change))[0])
    return next((one.state.value, one.note) for one in steps if one.kind == kind)


async def test_what_is_under_way_is_ended_and_says_by_whom_and_what_serves(
    house: HealthBridge, backend: ScriptedEnder
) -> None:
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    change = await cancelled_midway(house, "2.0.0")

    assert change.state == "failed"
    assert (
        await house.op(change)
    ).reason == f"apply: {BY}: it was ended. What serves now, as far as can be told: 1.0.0."
    assert len(backend.stops) == 1
    assert await house.live("backend", "staging") == "1.0.0"
    assert "operation.stopped" in await house.happened(f"operation:{(await house.op(change)).id}")


async def test_it_is_intended_in_the_ledger_before_it_is_asked_for(house: HealthBridge, backend: ScriptedEnder) -> None:
    backend.refusals.append(Retry("busy", after=SECOND))
    told: list[str] = []

    async def look() -> None:
        told.extend(one.state.value for one in await house.steps((await house.recent())[0]) if one.kind == "apply")

    house.clock.at(timedelta(seconds=5.5), look)
    change = await cancelled_midway(house)

    assert told == ["stopping"]
    assert (await step_of(house, change))[0] == "failed"
    assert len(backend.stops) == 2


async def test_what_ended_well_meanwhile_is_a_success_and_says_so(house: HealthBridge, backend: ScriptedEnder) -> None:
    backend.before_it_ends = backend.settle
    change = await cancelled_midway(house)

    assert change.state == "succeeded"
    assert await step_of(house, change) == (
        "succeeded",
        "Ndapewa Shilongo asked to stop it, and it ended well before that.",
    )
    assert await house.live("backend", "staging") == "1.0.0"


async def test_what_failed_by_itself_meanwhile_was_not_stopped(house: HealthBridge, backend: ScriptedEnder) -> None:
    backend.before_it_ends = lambda key: backend.settle(key, Phase.FAILED, "exit code 1")
    change = await cancelled_midway(house)

    assert (await house.op(change)).reason == "apply: exit code 1\n\nNothing serves there now."


async def test_what_cannot_be_ended_runs_to_its_end_and_says_why(house: HealthBridge, backend: ScriptedEnder) -> None:
    backend.refusals.append(GaveUp("you may not do that"))

    async def settle() -> None:
        backend.settle(backend.asks[-1][1])

    house.clock.at(8 * SECOND, settle)
    change = await cancelled_midway(house)

    assert change.state == "succeeded"
    assert await step_of(house, change) == ("succeeded", "It could not be stopped: you may not do that")
    assert len(backend.stops) == 1


async def test_it_is_asked_again_when_the_backend_says_and_only_if_it_goes_on(
    house: HealthBridge, backend: ScriptedEnder
) -> None:
    at: list[float] = []
    began = house.clock.now()
    backend.before_it_ends = lambda _: at.append((house.clock.now() - began).total_seconds())
    backend.refusals.extend([Retry("not yet", after=2 * SECOND), Retry("not yet", after=60 * SECOND)])

    async def end() -> None:
        backend.settle(backend.asks[-1][1], Phase.FAILED, "exit code 1")

    house.clock.at(9 * SECOND, end)
    change = await cancelled_midway(house)

    assert [round(one) for one in at] == [5, 7]
    assert (await house.op(change)).reason == "apply: exit code 1\n\nNothing serves there now."


async def test_what_a_backend_has_not_taken_yet_is_not_begun_any_more(
    house: HealthBridge, backend: ScriptedEnder
) -> None:
    house.source.commit("backend", "1.0.0")
    backend.then(Behaviour.BUSY, times=100)
    world = house.world
    house.clock.at(5 * SECOND, lambda: cancel(world))
    change = await house.deployed("staging", "backend")

    assert (await house.op(change)).reason == f"apply: {BY}: it had not begun, and nothing was touched"
    assert backend.stops == []
    assert house.effects() == []


async def test_the_rest_of_a_change_is_not_begun(house: HealthBridge, backend: ScriptedEnder) -> None:
    change = await cancelled_midway(house, "1.0.0", "backend", "frontend")

    assert [op.state for op in await house.ops(change)] == ["failed", "cancelled"]
    assert len(backend.asks) == 1


async def test_a_policy_that_goes_back_goes_back_from_what_was_stopped_and_that_is_not_stopped(
    house: HealthBridge, backend: ScriptedEnder, edited: Edited
) -> None:
    house.with_catalog(edited(("on_failure: ask", "on_failure: roll_back")))
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")

    async def settle() -> None:
        backend.settle(backend.asks[-1][1])

    backend.then(Behaviour.HANG)
    backend.then(Behaviour.HANG)
    house.source.commit("backend", "2.0.0")
    world = house.world
    house.clock.at(5 * SECOND, lambda: cancel(world))
    house.clock.at(15 * SECOND, settle)
    change = await house.deployed("staging", "backend")

    op = await house.op(change)
    assert op.state == "rolled_back"
    assert op.reason.startswith(f"apply: {BY}: it was ended.")
    assert len(backend.stops) == 1
    assert house.backend.serving(op.target) == "1.0.0"


async def test_one_that_nobody_cancels_is_never_asked_to_end(house: HealthBridge, backend: ScriptedEnder) -> None:
    house.source.commit("backend", "1.0.0")
    backend.then(Behaviour.HANG)

    async def settle() -> None:
        backend.settle(backend.asks[-1][1])

    house.clock.at(5 * SECOND, settle)
    change = await house.deployed("staging", "backend")

    assert change.state == "succeeded"
    assert backend.stops == []


EVERYWHERE = pytest.param(1, marks=pytest.mark.slow, id="at every place")


@pytest.mark.parametrize("stride", [EVERYWHERE, pytest.param(7, id="at every seventh place")])
async def test_a_stop_killed_anywhere_is_finished_and_ends_it_once(
    house: HealthBridge, backend: ScriptedEnder, stride: int
) -> None:
    world = house.world
    for place in itertools.count(1, stride):
        before = len(backend.stops)
        house.source.commit("backend", f"1.{place}.0")
        backend.then(Behaviour.HANG)
        house.clock.at(timedelta(milliseconds=200), lambda: cancel(world))
        await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend"]})
        killed = await house.until_killed(Fuse(at=place))
        if killed:
            await house.restart()
            await house.drain()

        op = (await house.recent())[0]
        assert op.reason.startswith(f"apply: {BY}: it was ended."), (place, op)
        assert len(backend.stops) == before + 1, place
        assert house.effects() == [], place
        if not killed:
            break
    assert place > 30
