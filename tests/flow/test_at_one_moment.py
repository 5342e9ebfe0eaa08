"""Two clicks, two approvers, expiry and cancel at one moment, over separate connections: one outcome, one row."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.change import Change
from bot.domain.errors import Refused
from bot.domain.operation import Cancelled, Operation, Started, State
from bot.domain.target import Target
from bot.engine import changes as starting
from bot.engine.advance import Mover
from bot.ledger import changes, operations
from bot.ledger.ledger import Stale
from bot.usecases import decisions
from tests.fakes.backend import Behaviour
from tests.fakes.healthbridge import LAYLA, NDAPEWA, SELMA, TOMAS, HealthBridge
from tests.flow.conftest import Edited

ROUNDS = 15
HOUR = timedelta(hours=1)


async def at_once(*deeds: Awaitable[object]) -> list[object]:
    """Let deeds happen at one moment; return what each came to, a refusal as its sentence."""
    results = await asyncio.gather(*deeds, return_exceptions=True)
    for result in results:
        assert not isinstance(result, BaseException) or isinstance(result, Refused), repr(result)
    return [str(result) if isinstance(result, Refused) else result for result in results]


@pytest.fixture
async def waiting(house: HealthBridge, edited: Edited) -> HealthBridge:
    """Give a HealthBridge where deploys to staging wait for two approvals, so that a change costs little."""
    house.with_catalog(
        edited(
            ("deployers: [developers, qa]\n", "deployers: [developers, qa]\n    approval: two-of-production\n"),
        )
    )
    return house


async def asked(house: HealthBridge, number: int) -> Change:
    """Have a new change wait for approval."""
    house.source.commit("backend", f"1.{number}.0")
    change = await house.deployed("staging", "backend", f"1.{number}.0")
    assert change.state == "waiting"
    return change


async def test_two_clicks_of_one_person_are_one_vote(waiting: HealthBridge) -> None:
    for number in range(ROUNDS):
        change = await asked(waiting, number)

        told = await at_once(*[decisions.approve(waiting.world, change.id, by=SELMA) for _ in range(3)])

        assert sum(isinstance(one, Change) for one in told) == 1
        after = await waiting.change(change.id)
        assert (after.state, after.approved_by) == ("waiting", {SELMA})
        assert (await waiting.happened(f"change:{change.id}")).count("change.approvedby") == 1


async def test_three_approvers_at_one_moment_start_it_once(waiting: HealthBridge) -> None:
    for number in range(ROUNDS):
        change = await asked(waiting, number)

        told = await at_once(
            *[decisions.approve(waiting.world, change.id, by=person) for person in (SELMA, TOMAS, LAYLA)]
        )

        assert sum(isinstance(one, Change) for one in told) == 2
        after = await waiting.change(change.id)
        assert (after.state, len(after.approved_by)) == ("approved", 2)
        jobs = await waiting.queue.app.job_manager.list_jobs_async(task="start")
        assert [job.task_kwargs["subject"] for job in jobs] == [change.id]
        await decisions.cancel(waiting.world, change.id, by=NDAPEWA)
        await waiting.drain()


async def test_approve_reject_cancel_and_expire_at_one_moment_have_one_outcome(waiting: HealthBridge) -> None:
    outcomes: Counter[str] = Counter()
    for number in range(ROUNDS):
        change = await asked(waiting, number)
        await decisions.approve(waiting.world, change.id, by=SELMA)
        if number % 3 == 0:
            waiting.clock.move(4 * HOUR)

        deeds = [
            decisions.approve(waiting.world, change.id, by=TOMAS),
            decisions.reject(waiting.world, change.id, by=LAYLA, reason="no"),
            decisions.cancel(waiting.world, change.id, by=NDAPEWA),
            decisions.expire(waiting.world, change.id),
        ]
        await at_once(*deeds[number % 4 :], *deeds[: number % 4])

        after = await waiting.change(change.id)
        assert after.state in {"rejected", "cancelled", "expired"}
        outcomes[after.state] += 1
        ended = [kind for kind in await waiting.happened(f"change:{change.id}") if kind in ENDS]
        assert len(ended) == 1
        assert {op.state for op in await waiting.ops(change)} == {"cancelled"}
        await waiting.drain()
    assert waiting.backend.asks == []
    assert outcomes["expired"] > 0


ENDS = {"change.rejectedby", "change.stopped", "change.expired"}


async def test_a_cancel_at_the_moment_it_starts_either_stops_it_or_comes_too_late(waiting: HealthBridge) -> None:
    outcomes: Counter[str] = Counter()
    for number in range(ROUNDS):
        change = await asked(waiting, number)
        await decisions.approve(waiting.world, change.id, by=SELMA)
        await decisions.approve(waiting.world, change.id, by=TOMAS)

        await at_once(starting.start(waiting.world, change.id), decisions.cancel(waiting.world, change.id, by=NDAPEWA))
        await waiting.drain()

        after = await waiting.change(change.id)
        assert after.state == "cancelled"
        assert (await waiting.op(after)).state == "cancelled"
        outcomes[after.state] += 1
    assert waiting.effects() == []


async def test_a_cancel_while_it_runs_never_locks_up_and_leaves_one_outcome(house: HealthBridge) -> None:
    """An operation that ends and a person who cancels write the same rows; both come to an end."""
    for number in range(ROUNDS):
        house.source.commit("backend", f"1.{number}.0")
        house.source.commit("frontend", f"1.{number}.0")
        request = await house.take("deploy", NDAPEWA, {"environment": "staging"})
        await house.plan_only(request)
        change = await house.newest_change()
        pause = number * 0.008  # seconds: from before the start to after the end

        async def cancel(change: Change = change, pause: float = pause) -> None:
            await asyncio.sleep(pause)
            await decisions.cancel(house.world, change.id, by=NDAPEWA)

        await at_once(house.drain(), cancel())
        await house.drain()

        after = await house.change(change.id)
        assert after.final, (number, after.state, [op.state for op in await house.ops(after)])
        assert all(op.final for op in await house.ops(after))


async def test_two_replicas_that_move_one_operation_do_everything_once(house: HealthBridge) -> None:
    for number in range(10):
        house.source.commit("backend", f"1.{number}.0")
        request = await house.take("deploy", NDAPEWA, {"environment": "development", "words": ["backend"]})
        await house.plan_only(request)
        change = await house.newest_change()
        await starting.start(house.world, change.id)
        op = await house.op(change)

        await asyncio.gather(*[Mover(house.world).advance(op.id) for _ in range(3)])
        await house.drain()

        assert (await house.change(change.id)).state == "succeeded"
    assert house.effects(environment="development") == [f"1.{number}.0" for number in range(10)]
    assert len(house.runner.starts) == 10


async def test_of_many_operations_that_want_one_target_at_one_moment_one_gets_it(house: HealthBridge) -> None:
    numbers = []
    for number in range(5):
        house.source.commit("backend", f"1.{number}.0")
        await house.plan_only(
            await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend", f"1.{number}.0"]})
        )
        numbers.append((await house.newest_change()).id)
    for number in numbers:
        await starting.start(house.world, number)
    ops = [await house.op(await house.change(number)) for number in numbers]

    async def claim(op: Operation) -> bool:
        async with house.world.ledger.transaction() as tx:
            changes.lock(tx, op.change_id)
            return await operations.take_target(tx, op, Started()) is not None

    taken = await asyncio.gather(*[claim(op) for op in ops])

    assert sum(taken) == 1
    async with house.world.ledger.transaction() as tx:
        holder = await operations.holder(tx, Target("backend", "staging"))
    assert holder is not None
    assert holder.id == ops[taken.index(True)].id


async def test_an_operation_that_is_settled_twice_at_one_moment_is_settled_once(house: HealthBridge) -> None:
    """Both say what is so: who said otherwise would leave a drift behind, which keeps the next deploy waiting."""
    for number in range(10):
        house.source.commit("backend", f"1.{number}.0")
        house.backend.then(Behaviour.FORGET)
        change = await house.deployed("development", "backend")
        op = await house.op(change)

        told = await at_once(
            decisions.settle(house.world, op.id, by=NDAPEWA, succeeded=True),
            decisions.settle(house.world, op.id, by=TOMAS, succeeded=True),
        )
        await house.drain()

        assert sum(isinstance(one, str) for one in told) == 1, told
        after = await house.op(change)
        assert after.final
        assert (await house.happened(f"operation:{op.id}")).count("operation.settled") == 1
        assert (await house.change(change.id)).final


async def test_a_write_that_read_an_older_revision_changes_nothing(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    change = await house.deployed("development", "backend")
    seen = await house.change(change.id)
    old = replace(await house.op(change), state=State.QUEUED, revision=0)

    with pytest.raises(Stale):
        async with house.world.ledger.transaction() as tx:
            operations.happen(tx, old, Cancelled(NDAPEWA), actor="engine")
    assert (await house.change(change.id)) == seen
