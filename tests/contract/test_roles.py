"""What a backend promises that plays more than its two verbs: `Output`, `Preview`, `Inspector` (see bot/ports.py).

Each promise is asked of every backend in `BENCHES`; one that does not play a role makes none of its promises. A bench
with a `say` lets a program of the target print a line, and is held to more.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol, runtime_checkable

import pytest

from bot.domain.errors import GaveUp
from bot.domain.target import Target
from bot.ports import Desired, Inspector, Output, Preview
from tests.contract.benches import BENCHES, OTHER, TARGET, Bench, brought
from tests.contract.living import WallClock, until

MOST = 64 * 1024
HOUR = timedelta(hours=1)


@runtime_checkable
class Talking(Protocol):
    """A bench that can let the program that serves a target print a line."""

    async def say(self, line: str, target: Target = TARGET) -> None: ...


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
