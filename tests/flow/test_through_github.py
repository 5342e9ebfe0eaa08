"""A deploy by a workflow of GitHub Actions, through the real engine: what the card says, and one run at most."""

import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.observation import Observed
from bot.domain.operation import State
from bot.domain.target import Target
from bot.ledger import operations
from bot.ports import Backend, Desired, Section, Stops
from bot.usecases import decisions
from tests.contract.github_bench import GitHubBench
from tests.contract.github_town import Town
from tests.fakes.fuse import Fuse
from tests.fakes.github import GitHub, Trouble
from tests.fakes.healthbridge import NDAPEWA, HealthBridge
from tests.flow.conftest import Edited

DISPATCH = "POST .*/dispatches"
EVERY_THIRD = 3  # of the places where the bot may be killed


@dataclass
class ByWorkflow:
    """Gives the adapter the section that its bench has: the catalog of these tests knows scripted backends only."""

    bench: GitHubBench

    async def apply(self, target: Target, desired: Desired, *, key: str) -> None:
        """See `bot.ports.Backend`."""
        await self.bench.backend.apply(target, replace(desired, config=self.bench.section(target)), key=key)

    async def observe(self, target: Target, *, key: str, config: Section) -> Observed:  # noqa: ARG002 - see above
        """See `bot.ports.Backend`."""
        return await self.bench.backend.observe(target, key=key, config=self.bench.section(target))

    async def stop(self, target: Target, *, key: str, config: Section) -> None:  # noqa: ARG002 - see above
        """See `bot.ports.Stops`."""
        assert isinstance(self.bench.backend, Stops)
        await self.bench.backend.stop(target, key=key, config=self.bench.section(target))


@dataclass
class Works:
    """HealthBridge whose staging is deployed by GitHub."""

    house: HealthBridge
    town: Town
    stack: contextlib.AsyncExitStack

    async def start_bot(self) -> None:
        """Start an adapter that remembers nothing."""
        backend: Backend = ByWorkflow(await self.stack.enter_async_context(self.town.bot()))
        self.house.world = replace(self.house.world, backends={"scripted": backend})

    def commit(self, version: str) -> None:
        """Make a commit that GitHub knows."""
        self.town.server.repository.commits.add(self.house.source.commit("backend", version).commit.id)


@pytest.fixture
async def works(house: HealthBridge, edited: Edited, tmp_path: Path) -> AsyncIterator[Works]:
    house.with_catalog(edited(('          - bake: { http: "http://backend.staging/health", for: 3s }\n', "")))
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(GitHub(house.clock))
        made = Works(house, Town(server, house.clock, tmp_path), stack)
        await made.start_bot()
        yield made


async def test_what_a_workflow_brought_is_live(works: Works) -> None:
    works.commit("1.0.0")
    change = await works.house.deployed("staging", "backend")

    assert change.state == "succeeded"
    assert await works.house.live("backend", "staging") == "1.0.0"
    assert works.town.server.dispatches == 1


async def test_a_workflow_that_fails_says_on_the_card_where_and_why(works: Works) -> None:
    works.town.server.repository.failing.add("1.0.0")
    works.commit("1.0.0")
    change = await works.house.deployed("staging", "backend")

    assert change.state == "failed"
    reason = (await works.house.op(change)).reason or ""
    assert reason.startswith("apply: run 1, job deploy, step Deploy it: it failed\n")
    assert reason.endswith("Process completed with exit code 3.")


async def test_a_release_that_failed_leaves_the_one_before_to_roll_back_to(works: Works) -> None:
    for version in ("1.0.0", "2.0.0"):
        works.commit(version)
        await works.house.deployed("staging", "backend")
    change = await works.house.rolled_back("staging")

    assert change.state == "succeeded"
    assert await works.house.live("backend", "staging") == "1.0.0"
    assert [run.inputs["version"] for run in works.town.server.repository.runs] == ["1.0.0", "2.0.0", "1.0.0"]


async def test_an_answer_that_is_lost_is_looked_for_and_not_asked_for_again(works: Works) -> None:
    works.town.server.actions.list_delay = 2
    works.town.server.troubles = [Trouble(DISPATCH, done=True)]
    works.commit("1.0.0")
    change = await works.house.deployed("staging", "backend")

    assert change.state == "succeeded"
    assert works.town.server.dispatches == 1


async def test_a_run_that_never_comes_is_unknown_and_asks_a_person(works: Works) -> None:
    works.town.server.troubles = [Trouble(DISPATCH)]
    works.commit("1.0.0")
    change = await works.house.deployed("staging", "backend")

    op = await works.house.op(change)
    assert op.state == "unknown"
    assert "the run was asked for; it is not listed yet" in (op.reason or "")
    assert works.town.server.dispatches == 0


async def test_a_secret_that_ends_in_the_middle_is_unknown_and_named(works: Works) -> None:
    works.town.server.hold = True
    works.town.server.heard = lambda: works.town.server.tokens.clear() if works.town.server.dispatches else None
    works.commit("1.0.0")
    change = await works.house.deployed("staging", "backend")

    op = await works.house.op(change)
    assert op.state == "unknown"
    assert "does not accept the secret GITHUB_TOKEN" in (op.reason or "")


async def test_a_rate_limit_is_waited_for(works: Works) -> None:
    works.town.server.troubles = [Trouble(DISPATCH, 429, "Slow down", {"retry-after": "7"})]
    works.commit("1.0.0")
    began = works.house.clock.now()
    change = await works.house.deployed("staging", "backend")

    assert change.state == "succeeded"
    assert (works.house.clock.now() - began).total_seconds() >= 7
    assert works.town.server.dispatches == 1


@pytest.mark.slow
async def test_a_bot_killed_anywhere_has_asked_for_one_run(works: Works) -> None:
    house = works.house
    for place in itertools.count(1, EVERY_THIRD):
        version = f"1.{place}.0"
        works.commit(version)
        await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend"]})
        killed = await house.until_killed(Fuse(at=place))
        if killed:
            await works.start_bot()
            await house.restart()
            await house.drain()

        begun = [run for run in works.town.server.repository.runs if run.inputs["version"] == version]
        assert len(begun) == 1
        assert await house.live("backend", "staging") == version
        if not killed:
            return


# --- cancelled, and run again -----------------------------------------------------------------------------------------


def cancelling(works: Works) -> Callable[[], Awaitable[object]]:
    """Return how the newest change is cancelled, once it is under way; whose process that is is never killed."""
    world = works.house.world

    async def cancel() -> None:
        async with world.ledger.transaction() as tx:
            newest = (await operations.recent(tx, None, None, most=1))[0][0]
        if newest.final or newest.state is State.QUEUED:
            works.house.clock.at(timedelta(milliseconds=200), cancel)
        else:
            await decisions.cancel(world, newest.change_id, by=NDAPEWA)

    return cancel


async def test_a_cancelled_run_is_a_stopped_deploy_and_says_what_serves(works: Works) -> None:
    works.commit("1.0.0")
    await works.house.deployed("staging", "backend")
    works.town.server.hold = True
    works.commit("2.0.0")
    works.house.clock.at(timedelta(seconds=5), cancelling(works))
    change = await works.house.deployed("staging", "backend")

    assert change.state == "failed"
    assert (await works.house.op(change)).reason == (
        "apply: stopped by Ndapewa Shilongo: run 2, job deploy, step Deploy it: the run was cancelled. "
        "What serves now, as far as can be told: 1.0.0."
    )
    assert works.town.server.cancels == ["cancel"]
    assert await works.house.live("backend", "staging") == "1.0.0"


async def test_a_run_that_does_not_end_when_it_is_cancelled_is_forced_to_after_five_minutes(
    works: Works, edited: Edited
) -> None:
    works.town.server.hold = True
    works.town.server.heard = lambda: [setattr(run, "deaf", True) for run in works.town.server.repository.runs]
    bake = ('          - bake: { http: "http://backend.staging/health", for: 3s }\n', "")
    works.house.with_catalog(edited(bake, ("apply: { within: 10s }", "apply: { within: 20m }")))
    works.commit("1.0.0")
    works.house.clock.at(timedelta(seconds=5), cancelling(works))
    began = works.house.clock.now()
    change = await works.house.deployed("staging", "backend")

    assert works.town.server.cancels == ["cancel", "force-cancel"]
    assert ((await works.house.op(change)).reason or "").startswith("apply: stopped by ")
    assert timedelta(minutes=5) <= works.house.clock.now() - began < timedelta(minutes=6)


@pytest.mark.parametrize("stride", [pytest.param(3, marks=pytest.mark.slow, id="at every third place"), 11])
async def test_a_bot_killed_anywhere_while_it_cancels_has_cancelled_the_run(works: Works, stride: int) -> None:
    house = works.house
    works.town.server.hold = True
    for place in itertools.count(1, stride):
        works.commit(f"1.{place}.0")
        await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend"]})
        house.clock.at(timedelta(milliseconds=200), cancelling(works))
        killed = await house.until_killed(Fuse(at=place))
        if killed:
            await works.start_bot()
            await house.restart()
            await house.drain()

        (op, *_) = await house.recent()
        assert (op.reason or "").startswith("apply: stopped by Ndapewa Shilongo: run "), place
        assert works.town.run.conclusion == "cancelled"
        if not killed:
            return


async def test_what_failed_is_run_again_by_a_run_of_its_own(works: Works) -> None:
    works.town.server.repository.failing.add("1.0.0")
    works.commit("1.0.0")
    failed = await works.house.deployed("staging", "backend")
    works.town.server.repository.failing.clear()
    answer = await works.house.ask("again", NDAPEWA, {"environment": "staging", "change": failed.id})

    assert answer.change is not None
    assert (await works.house.change(answer.change)).state == "succeeded"
    first, second = works.town.server.repository.runs
    assert first.inputs["version"] == second.inputs["version"] == "1.0.0"
    assert first.inputs["slipway"] != second.inputs["slipway"]
