"""What a backend promises beyond its two verbs: `Output`, `Preview`, `Inspector`, `Stops` (see bot/ports).

Each promise is asked of every backend in `BENCHES`; one that does not play a role makes none of its promises. A bench
with a `say` lets a program of the target print a line, and is held to more; one whose backend can end what it is at has
a `lasting`.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol, runtime_checkable

import pytest

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Observed, Phase
from bot.domain.target import Target
from bot.ports import Desired, Inspector, Output, Preview, Stops
from tests.contract.benches import BENCHES, OTHER, TARGET, Bench, brought, settled
from tests.contract.living import WallClock, until

MOST = 64 * 1024
HOUR = timedelta(hours=1)


@runtime_checkable
class Talking(Protocol):
    """A bench that can let the program that serves a target print a line."""

    async def say(self, line: str, target: Target = TARGET) -> None: ...


@runtime_checkable
class Lasting(Protocol):
    """A bench with releases that stay under way until they are asked to end."""

    def lasting(self, version: str, target: Target = TARGET) -> Desired: ...


@pytest.fixture(params=BENCHES)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    async with BENCHES[request.param](tmp_path) as made:
        yield made


async def printed(bench: Bench, *, ago: timedelta = HOUR, most: int = MOST, target: Target = TARGET) -> str:
    """Return what a target's programs printed; nothing where the backend cannot show it."""
    if not isinstance(bench.backend, Output):
        return ""
    since = WallClock().now() - ago
    return await bench.backend.output(target, config=bench.section(target), since=since, most=most)


async def said(bench: Bench, *lines: str, target: Target = TARGET) -> bool:
    """Let a program print lines, and wait until they can be read; False where the bench or the backend cannot."""
    if not isinstance(bench, Talking) or not isinstance(bench.backend, Output):
        return False
    for line in lines:
        await bench.say(line, target)

    async def there() -> bool:
        return f"{lines[-1]}\n" in await printed(bench, target=target)

    await until(there)
    return True


async def test_what_never_ran_has_printed_nothing(bench: Bench) -> None:
    """A backend may say in brackets why there is nothing."""
    lines = (await printed(bench)).splitlines()
    assert [line for line in lines if not line.endswith(")")] == []


async def test_what_is_printed_comes_in_whole_lines_in_their_order(bench: Bench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    if await said(bench, "first שלום", "second"):
        text = await printed(bench)

        assert text.endswith("first שלום\nsecond\n")


async def test_of_more_than_is_wanted_the_newest_whole_lines_come(bench: Bench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    if await said(bench, *(f"line {number:02}" for number in range(20))):
        text = await printed(bench, most=20)

        assert text == "line 18\nline 19\n"


async def test_what_was_printed_long_before_is_not_told(bench: Bench) -> None:
    """A backend whose lines bear no times may begin some seconds early, and never late."""
    await brought(bench, bench.good("1.0.0"), "k1")
    if await said(bench, "before"):

        async def told_apart() -> bool:
            between = WallClock().now()
            await said(bench, "after")
            text = await printed(bench, ago=WallClock().now() - between)
            assert text.endswith("after\n")
            return "before\n" not in text

        await until(told_apart)


async def test_what_another_target_prints_is_not_told(bench: Bench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    await brought(bench, bench.good("1.0.0", OTHER), "k2", OTHER)
    if await said(bench, "of the other", target=OTHER):
        assert "of the other" not in await printed(bench)


async def test_what_one_version_printed_is_still_told_when_the_next_has_taken_over(bench: Bench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    if await said(bench, "of the first"):
        await brought(bench, bench.good("2.0.0"), "k2")
        await said(bench, "of the second")

        text = await printed(bench)
        assert text.index("of the first\n") < text.index("of the second\n")


async def test_a_preview_says_something_of_what_is_new_and_nothing_of_what_is_there(bench: Bench) -> None:
    if isinstance(bench.backend, Preview):
        first, second = bench.good("1.0.0"), bench.good("2.0.0")
        assert await bench.backend.preview(TARGET, first)
        await brought(bench, first, "k1")

        assert list(await bench.backend.preview(TARGET, first)) == []
        assert await bench.backend.preview(TARGET, second)


async def test_a_preview_changes_nothing(bench: Bench) -> None:
    if isinstance(bench.backend, Preview):
        before = await brought(bench, bench.good("1.0.0"), "k1")
        await bench.backend.preview(TARGET, bench.good("2.0.0"))

        assert await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET)) == before


async def test_what_is_looked_at_is_the_very_image_that_would_be_run(bench: Bench) -> None:
    if isinstance(bench.backend, Inspector):
        desired = bench.good("1.0.0")
        facts = await bench.backend.inspect(TARGET, desired)

        assert facts.digest == desired.release.digest
        assert set(facts.limits) <= {"cpu", "memory"}
        assert facts.user_field
        assert facts.limits_field


async def test_of_what_was_never_built_there_is_nothing_to_look_at(bench: Bench) -> None:
    if isinstance(bench.backend, Inspector):
        desired = bench.good("1.0.0")
        with pytest.raises(GaveUp):
            await bench.backend.inspect(TARGET, Desired(replace(desired.release, digest=None), desired.config))


async def test_looking_at_an_image_changes_nothing(bench: Bench) -> None:
    if isinstance(bench.backend, Inspector):
        before = await brought(bench, bench.good("1.0.0"), "k1")
        await bench.backend.inspect(TARGET, bench.good("2.0.0"))

        assert await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET)) == before


async def seen(bench: Bench, key: str) -> Observed:
    """Look once."""
    return await bench.backend.observe(TARGET, key=key, config=bench.section(TARGET))


async def stopped(bench: Bench, key: str) -> bool:
    """Ask that what is under way ends; False where the backend cannot."""
    if not isinstance(bench.backend, Stops):
        return False
    with contextlib.suppress(Retry):  # it may have to be asked again, later
        await bench.backend.stop(TARGET, key=key, config=bench.section(TARGET))
    return True


async def test_a_backend_that_ends_what_it_is_at_is_held_to_that(bench: Bench) -> None:
    assert isinstance(bench, Lasting) == isinstance(bench.backend, Stops)


async def test_what_is_asked_to_end_ends_and_what_served_before_serves_still(bench: Bench) -> None:
    if isinstance(bench, Lasting):
        await brought(bench, bench.good("1.0.0"), "k1")
        await bench.backend.apply(TARGET, bench.lasting("2.0.0"), key="k2")
        before = await seen(bench, "k2")
        await stopped(bench, "k2")

        after = await settled(bench, "k2")
        assert before.phase is Phase.PROGRESSING
        assert (after.phase, after.stopped, after.key, after.version) == (Phase.FAILED, True, "k1", "1.0.0")


async def test_asking_twice_that_it_ends_is_the_same_as_asking_once(bench: Bench) -> None:
    if isinstance(bench, Lasting):
        await bench.backend.apply(TARGET, bench.lasting("1.0.0"), key="k1")
        await stopped(bench, "k1")
        await stopped(bench, "k1")
        once = await settled(bench, "k1")
        await stopped(bench, "k1")

        assert once.stopped
        assert await seen(bench, "k1") == once


async def test_what_has_ended_or_never_was_stays_as_it_is_when_it_is_asked_to_end(bench: Bench) -> None:
    live = await brought(bench, bench.good("1.0.0"), "k1")
    if await stopped(bench, "k1") and await stopped(bench, "never"):
        assert await seen(bench, "k1") == live
        assert not live.stopped
        assert (await seen(bench, "never")).phase is Phase.ABSENT
