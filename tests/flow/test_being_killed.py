"""`kill -9` at every place where the bot touches the ledger or the world: nothing lost, nothing done twice."""

import itertools
from collections import Counter

import pytest

from tests.fakes.fuse import Fuse
from tests.fakes.healthbridge import NDAPEWA, TOMAS, HealthBridge
from tests.flow.conftest import QUICK, Edited

pytestmark = pytest.mark.slow

HEALTH = "http://backend.staging/health"


async def killed_and_restarted(house: HealthBridge, place: int) -> bool:
    """Do what is in the queue, killed at a place and started again; return whether there was such a place."""
    killed = await house.until_killed(Fuse(at=place))
    if killed:
        await house.restart()
        await house.drain()
    return killed


async def everything_ended(house: HealthBridge) -> bool:
    """Return whether every operation of all has ended, and no job is left."""
    left = await house.queue.app.job_manager.list_jobs_async()
    return not list(left) and all(op.final for op in await house.recent())


def done_twice(house: HealthBridge) -> list[str]:
    """Return the keys under which something was done more than once."""
    keys = [effect.key for effect in house.backend.effects] + [key for key, _ in house.runner.starts]
    return [key for key, count in Counter(keys).items() if count > 1]


EVERY_OTHER = 2  # places come in pairs, before and after; the world after one is the world before the next
EVERY_THIRD = 3


async def test_a_deploy_killed_anywhere_is_finished_once(quick: HealthBridge) -> None:
    house = quick
    for place in itertools.count(1):
        before = len(house.effects())
        house.source.commit("backend", f"1.{place}.0")
        await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend"]})

        killed = await killed_and_restarted(house, place)

        assert house.effects()[before:] == [f"1.{place}.0"], place
        assert len(house.runner.starts) == len(house.effects()), place
        assert await house.live("backend", "staging") == f"1.{place}.0", place
        if not killed:
            break
    assert place > 40
    assert done_twice(house) == []
    assert await everything_ended(house)


async def test_a_rollback_killed_anywhere_is_finished_once(quick: HealthBridge) -> None:
    house = quick
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    for place in itertools.count(1, EVERY_OTHER):
        house.source.commit("backend", f"2.{place}.0")
        await house.deployed("staging", "backend")
        before = len(house.effects())
        wish = {"environment": "staging", "service": "backend", "trigger": "bug", "reason": "it is broken"}
        await house.take("rollback", TOMAS, wish)

        killed = await killed_and_restarted(house, place)

        assert house.effects()[before:] == ["1.0.0"], place
        assert f"2.{place}.0" in await house.held("backend", "staging"), place
        if not killed:
            break
    assert place > 25
    assert done_twice(house) == []
    assert await everything_ended(house)


async def test_a_failed_deploy_that_goes_back_killed_anywhere_goes_back_once(
    house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(edited(*QUICK, ("on_failure: ask", "on_failure: roll_back")))
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.probe.sick(HEALTH)
    for place in itertools.count(1, EVERY_OTHER):
        before = len(house.effects())
        version = f"2.{place}.0"
        house.source.commit("backend", version)
        await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend"]})

        killed = await killed_and_restarted(house, place)

        assert house.effects()[before:] == [version, "1.0.0"], place
        if not killed:
            break
    assert place > 40
    assert done_twice(house) == []
    assert await everything_ended(house)


async def test_a_change_of_two_services_killed_anywhere_keeps_its_order(quick: HealthBridge) -> None:
    house = quick
    for place in itertools.count(1, EVERY_THIRD):
        for service in ("frontend", "backend"):
            house.source.commit(service, f"1.{place}.0")
        await house.take("deploy", NDAPEWA, {"environment": "staging"})
        before = len(house.backend.effects)

        killed = await killed_and_restarted(house, place)

        done = [(str(one.target), one.version) for one in house.backend.effects[before:]]
        assert done == [("backend/staging", f"1.{place}.0"), ("frontend/staging", f"1.{place}.0")], place
        if not killed:
            break
    assert done_twice(house) == []
    assert await everything_ended(house)
