"""Cancelling a run at GitHub: plainly, by force where that does not take, once or twice, and on bad days."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Phase
from bot.ports import Stops
from tests.contract.benches import TARGET
from tests.contract.github_bench import GitHubBench
from tests.contract.github_town import Town, seen
from tests.contract.github_town import town as a_town
from tests.fakes.github import Trouble

CANCEL = "POST .*/cancel$"
REQUESTS_OF_A_STOP = 5  # deployments, statuses, run, status, cancel


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path) as made:
        made.server.hold = True
        yield made


@pytest.fixture
async def bench(town: Town) -> AsyncIterator[GitHubBench]:
    """Give a bot that has asked for a run, which has begun and goes on."""
    async with town.bot() as made:
        await made.backend.apply(TARGET, made.good("1.0.0"), key="k1")
        town.run.stage = 1
        yield made


async def stop(bench: GitHubBench, key: str = "k1") -> Retry | None:
    """Ask that what is under way ends; return when to ask again, if that was said."""
    assert isinstance(bench.backend, Stops)
    try:
        await bench.backend.stop(TARGET, key=key, config=bench.section(TARGET))
    except Retry as later:
        return later
    return None


async def test_a_run_is_cancelled_and_says_where_it_was(town: Town, bench: GitHubBench) -> None:
    later = await stop(bench)

    look = await seen(bench, "k1")
    assert (look.phase, look.stopped) == (Phase.FAILED, True)
    assert look.detail == "run 1, job deploy, step Deploy it: the run was cancelled"
    assert town.server.cancels == ["cancel"]
    assert later is not None
    assert later.after == timedelta(minutes=5)


async def test_what_github_shows_of_the_deployment_is_what_became_of_it(town: Town, bench: GitHubBench) -> None:
    await stop(bench)
    await seen(bench, "k1")

    (statuses,) = town.server.repository.statuses.values()
    assert {one["state"] for one in statuses} == {"queued", "in_progress", "failure"}
    assert "Slipway asks to cancel the run" in [one["description"] for one in statuses]


async def test_a_run_that_goes_on_is_cancelled_again_and_after_its_patience_by_force(
    town: Town, bench: GitHubBench
) -> None:
    town.run.deaf = True
    await stop(bench)
    town.clock.move(timedelta(minutes=4))
    early = await stop(bench)
    going = await seen(bench, "k1")
    town.clock.move(timedelta(minutes=1))
    late = await stop(bench)

    assert early is not None
    assert early.after == timedelta(minutes=1)
    assert going.phase is Phase.PROGRESSING
    assert late is None
    assert town.server.cancels == ["cancel", "cancel", "force-cancel"]
    assert (await seen(bench, "k1")).stopped


async def test_the_patience_is_the_catalogs(town: Town) -> None:
    async with town.bot(cancels_within="20s") as bench:
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
        town.run.deaf = True
        later = await stop(bench)

    assert later is not None
    assert later.after == timedelta(seconds=20)


@pytest.mark.parametrize(("conclusion", "phase"), [("success", Phase.LIVE), ("failure", Phase.FAILED)])
async def test_a_run_that_ends_before_it_is_cancelled_is_what_it_came_to(
    town: Town, bench: GitHubBench, conclusion: str, phase: Phase
) -> None:
    def end_it() -> None:
        last = town.server.asked[-1]
        if last.method == "POST" and last.path.endswith("/statuses"):
            town.run.end(conclusion)

    town.server.heard = end_it
    await stop(bench)

    look = await seen(bench, "k1")
    assert (look.phase, look.stopped) == (phase, False)
    assert [one.status for one in town.server.asked if one.path.endswith("/cancel")] == [409]


async def test_a_run_that_somebody_else_cancels_was_not_stopped_by_us(town: Town, bench: GitHubBench) -> None:
    town.run.end("cancelled")

    look = await seen(bench, "k1")
    assert (look.phase, look.stopped) == (Phase.FAILED, False)
    assert "somebody cancelled it at GitHub" in look.detail


async def test_a_run_that_is_not_listed_yet_is_asked_again_soon(town: Town, bench: GitHubBench) -> None:
    town.server.actions.list_delay = 3
    town.server.troubles = [Trouble("POST .*/dispatches", done=True)]
    with pytest.raises(Retry):
        await bench.backend.apply(TARGET, bench.good("2.0.0"), key="k2")
    later = await stop(bench, "k2")

    assert later is not None
    assert later.reason == "the run was asked for, and is not listed yet"
    assert town.server.cancels == []


async def test_what_may_not_be_cancelled_names_the_permission(town: Town, bench: GitHubBench) -> None:
    town.server.forbidden[CANCEL] = "actions=write"

    with pytest.raises(GaveUp, match=r"does not allow the cancel of run 1 of acme/shop: .*It needs actions=write"):
        await stop(bench)


async def test_a_run_that_waits_for_leave_to_run_says_that_it_cannot_be_cancelled(
    town: Town, bench: GitHubBench
) -> None:
    town.run.end("action_required")

    with pytest.raises(GaveUp, match="Cannot cancel a workflow run that is completed"):
        await stop(bench)


@pytest.mark.parametrize("status", [0, 502])
async def test_an_answer_that_is_lost_is_looked_for(town: Town, bench: GitHubBench, status: int) -> None:
    town.server.troubles = [Trouble(CANCEL, status, done=True)]
    later = await stop(bench)

    assert later is not None
    assert (await seen(bench, "k1")).stopped


async def test_a_conflict_of_a_run_that_goes_on_is_asked_again_soon(town: Town, bench: GitHubBench) -> None:
    town.server.troubles = [Trouble(CANCEL, 409, "Cannot cancel a workflow run that has not yet queued.")]
    later = await stop(bench)
    await stop(bench)

    assert later is not None
    assert later.after == timedelta(seconds=5)
    assert (await seen(bench, "k1")).stopped


async def test_a_rate_limit_says_when_to_ask_again(town: Town, bench: GitHubBench) -> None:
    town.server.troubles = [Trouble(CANCEL, 429, "Slow down", {"retry-after": "7"})]
    later = await stop(bench)

    assert later is not None
    assert later.after == timedelta(seconds=7)


@pytest.mark.parametrize("at", range(1, REQUESTS_OF_A_STOP + 1))
async def test_a_bot_that_is_killed_after_any_request_is_followed_by_one_that_ends_it(
    town: Town, bench: GitHubBench, at: int
) -> None:
    before = len(town.server.asked)
    dying = asyncio.ensure_future(stop(bench))
    town.server.heard = lambda: dying.cancel() if len(town.server.asked) == before + at else None
    with contextlib.suppress(asyncio.CancelledError):
        await dying
    town.server.heard = lambda: None
    async with town.bot() as second:
        if (await seen(second, "k1")).phase is Phase.PROGRESSING:
            await stop(second)
        look = await seen(second, "k1")

    assert (look.phase, look.stopped) == (Phase.FAILED, True)
    assert town.server.cancels == ["cancel"]
    assert town.server.dispatches == 1


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("at", range(1, REQUESTS_OF_A_STOP + 1))
async def test_a_connection_that_breaks_at_any_request_is_asked_over(
    town: Town, bench: GitHubBench, at: int, *, done: bool
) -> None:
    before = len(town.server.asked)

    def break_the_next() -> None:
        if len(town.server.asked) == before + at - 1:
            town.server.troubles = [Trouble(".", done=done)]

    town.server.heard = break_the_next
    break_the_next()
    later = await stop(bench)
    if (await seen(bench, "k1")).phase is Phase.PROGRESSING:
        await stop(bench)

    assert later is not None
    assert (await seen(bench, "k1")).stopped
