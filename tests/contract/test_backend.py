"""What every backend promises. tests/contract/benches.py says which are held to it, and how to add one."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.observation import Phase
from tests.contract.benches import BENCHES, OTHER, TARGET, Bench, brought, settled


@pytest.fixture(params=BENCHES)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    async with BENCHES[request.param](tmp_path) as made:
        yield made


async def test_where_nothing_was_asked_nothing_is(bench: Bench) -> None:
    seen = await bench.backend.observe(TARGET, key="never", config=bench.section(TARGET))

    assert seen.phase is Phase.ABSENT
    assert (seen.key, seen.digest, seen.version) == (None, None, None)


async def test_what_is_asked_for_becomes_live(bench: Bench) -> None:
    desired = bench.good("1.0.0")
    seen = await brought(bench, desired, "k1")

    assert (seen.phase, seen.key, seen.version) == (Phase.LIVE, "k1", "1.0.0")
    assert seen.digest == desired.release.digest
    assert seen.replicas == (1, 1)


async def test_asking_twice_under_one_key_is_asking_once(bench: Bench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    await bench.backend.apply(TARGET, bench.good("2.0.0"), key="k1")

    seen = await settled(bench, "k1")
    assert (seen.phase, seen.version) == (Phase.LIVE, "1.0.0")


async def test_many_askers_under_one_key_are_one(bench: Bench) -> None:
    desired = bench.good("1.0.0")
    await asyncio.gather(*(bench.backend.apply(TARGET, desired, key="k1") for _ in range(10)))

    assert (await settled(bench, "k1")).phase is Phase.LIVE


async def test_what_does_not_come_up_leaves_the_old_one_serving(bench: Bench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    seen = await brought(bench, bench.bad("2.0.0"), "k2")

    assert seen.phase is Phase.FAILED
    assert "exit code" in seen.detail
    assert (seen.key, seen.version) == ("k1", "1.0.0")
    assert (await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))).phase is Phase.LIVE


async def test_what_failed_stays_failed_under_its_key(bench: Bench) -> None:
    failed = await brought(bench, bench.bad("2.0.0"), "k1")
    await bench.backend.apply(TARGET, bench.good("2.0.0"), key="k1")

    assert await settled(bench, "k1") == failed


async def test_a_key_that_was_replaced_says_by_what(bench: Bench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    await brought(bench, bench.good("2.0.0"), "k2")

    seen = await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))
    assert seen.phase is Phase.FAILED
    assert "superseded" in seen.detail
    assert "2.0.0" in seen.detail
    assert (seen.key, seen.version) == ("k2", "2.0.0")


async def test_a_key_never_asked_is_absent_whatever_serves(bench: Bench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")

    seen = await bench.backend.observe(TARGET, key="never", config=bench.section(TARGET))
    assert (seen.phase, seen.key, seen.version) == (Phase.ABSENT, "k1", "1.0.0")


async def test_going_back_is_asking_for_the_old_one_again(bench: Bench) -> None:
    old = bench.good("1.0.0")
    await brought(bench, old, "k1")
    await brought(bench, bench.good("2.0.0"), "k2")
    seen = await brought(bench, old, "k3")

    assert (seen.phase, seen.key, seen.version) == (Phase.LIVE, "k3", "1.0.0")


async def test_what_serves_can_be_begun_anew_under_another_key(bench: Bench) -> None:
    desired = bench.good("1.0.0")
    await brought(bench, desired, "k1")
    seen = await brought(bench, desired, "k2")

    assert (seen.phase, seen.key, seen.version) == (Phase.LIVE, "k2", "1.0.0")
    assert seen.digest == desired.release.digest


async def test_looking_changes_nothing(bench: Bench) -> None:
    seen = await brought(bench, bench.good("1.0.0"), "k1")

    for _ in range(20):
        await bench.backend.observe(TARGET, key="never", config=bench.section(TARGET))
        assert await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET)) == seen


async def test_targets_do_not_touch_each_other(bench: Bench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    await brought(bench, bench.good("5.0.0", OTHER), "k2", OTHER)
    await brought(bench, bench.bad("6.0.0", OTHER), "k3", OTHER)

    assert (await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))).version == "1.0.0"
    assert (await bench.backend.observe(OTHER, key="k2", config=bench.section(OTHER))).version == "5.0.0"
    assert (await bench.backend.observe(OTHER, key="k1", config=bench.section(OTHER))).phase is Phase.ABSENT


async def test_words_of_any_script_come_back_as_they_were(bench: Bench) -> None:
    seen = await brought(bench, bench.good("גרסה-1.0 \u200f🚢"), "מפתח/1")

    assert (seen.phase, seen.key, seen.version) == (Phase.LIVE, "מפתח/1", "גרסה-1.0 \u200f🚢")
