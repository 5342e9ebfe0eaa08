"""`/cancel` and the queue of a target: at once before anything moves, and no further than it still can be stopped."""

from datetime import timedelta

import pytest

from bot.domain.errors import Refused
from bot.domain.target import Target
from bot.ledger import operations
from bot.usecases import decisions
from tests.fakes.backend import Behaviour, Ending
from tests.fakes.healthbridge import JOHANNES, MARIA, NDAPEWA, SELMA, HealthBridge

SECOND = timedelta(seconds=1)


async def newest(house: HealthBridge) -> int:
    """Return the number of the newest change."""
    return max([op.change_id for op in await house.recent()], default=0)


async def test_a_change_that_waits_for_approval_is_cancelled_at_once(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    change = await house.deployed("production", "backend")

    cancelled = await decisions.cancel(house.world, change.id, by=NDAPEWA)
    await house.drain()

    assert cancelled.state == "cancelled"
    assert (await house.op(change)).state == "cancelled"
    with pytest.raises(Refused, match="it is cancelled"):
        await decisions.approve(house.world, change.id, by=SELMA)


async def test_an_approved_change_that_has_not_begun_is_cancelled_at_once(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    change = await house.deployed("production", "backend")
    house.idle()
    await decisions.approve(house.world, change.id, by=SELMA)
    approved = await decisions.approve(house.world, change.id, by="U0LAYLAHA6")
    assert approved.state == "approved"

    await decisions.cancel(house.world, change.id, by=NDAPEWA)
    await house.drain()

    assert (await house.change(change.id)).state == "cancelled"
    assert house.effects(environment="production") == []


async def test_a_blocked_change_is_cancelled_at_once(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.down = "connection refused"
    change = await house.deployed("staging", "backend")

    assert (await decisions.cancel(house.world, change.id, by=NDAPEWA)).state == "cancelled"


async def test_while_it_builds_nothing_has_moved_and_it_is_cancelled(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.runner.then(Ending(hangs=True))

    async def cancel() -> None:
        await decisions.cancel(house.world, await newest(house), by=NDAPEWA)

    house.clock.at(5 * SECOND, cancel)
    change = await house.deployed("staging", "backend")

    assert change.state == "cancelled"
    assert house.backend.asks == []


async def test_once_the_target_is_touched_it_runs_to_its_end_and_the_rest_is_not_begun(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.source.commit("frontend", "1.0.0")
    house.backend.then(Behaviour.HANG)

    async def cancel() -> None:
        await decisions.cancel(house.world, await newest(house), by=NDAPEWA)
        house.backend.settle(house.backend.asks[-1][1])

    house.clock.at(5 * SECOND, cancel)
    change = await house.deployed("staging")

    assert change.state == "partly_done"
    assert [op.state for op in await house.ops(change)] == ["succeeded", "cancelled"]
    assert await house.live("backend", "staging") == "1.0.0"
    assert house.effects("frontend") == []


async def test_it_is_stopped_once(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.then(Behaviour.HANG)
    refused: list[str] = []

    async def cancel_twice() -> None:
        number = await newest(house)
        await decisions.cancel(house.world, number, by=NDAPEWA)
        with pytest.raises(Refused) as no:
            await decisions.cancel(house.world, number, by=MARIA)
        refused.append(str(no.value))

    house.clock.at(5 * SECOND, cancel_twice)
    change = await house.deployed("staging", "backend")

    assert refused == [f"Change {change.id} is being stopped already."]


async def test_what_has_ended_cannot_be_cancelled(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    change = await house.deployed("staging", "backend")

    with pytest.raises(Refused, match=f"Change {change.id} has succeeded already"):
        await decisions.cancel(house.world, change.id, by=NDAPEWA)


async def test_others_may_cancel_if_they_may_deploy_or_approve(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    change = await house.deployed("production", "backend")

    with pytest.raises(Refused, match=f"Only developers or production-team may cancel change {change.id}"):
        await decisions.cancel(house.world, change.id, by=JOHANNES)
    assert (await decisions.cancel(house.world, change.id, by=SELMA)).state == "cancelled"


async def queued_behind_a_long_one(house: HealthBridge, *versions: str) -> list[int]:
    """Have 1.0.0 hang on the target, and others wait for it; return the changes that wait."""
    house.source.commit("backend", "1.0.0")
    house.backend.then(Behaviour.FORGET)
    await house.deployed("staging", "backend")
    numbers = []
    for version in versions:
        house.clock.move(SECOND)
        house.source.commit("backend", version)
        numbers.append((await house.deployed("staging", "backend", version)).id)
    return numbers


async def free(house: HealthBridge) -> None:
    """Settle what hangs on the target."""
    async with house.world.ledger.transaction() as tx:
        holder = await operations.holder(tx, Target("backend", "staging"))
    assert holder is not None
    await decisions.settle(house.world, holder.id, by=MARIA, succeeded=True)
    await house.drain()


async def test_a_target_is_used_by_one_operation_after_the_other_in_the_order_they_were_asked_for(
    house: HealthBridge,
) -> None:
    numbers = await queued_behind_a_long_one(house, "1.1.0", "1.2.0", "1.3.0")
    async with house.world.ledger.transaction() as tx:
        queue = await operations.queue_of(tx, Target("backend", "staging"))
    assert [op.change_id for op in queue] == numbers

    await free(house)

    assert house.effects() == ["1.0.0", "1.1.0", "1.2.0", "1.3.0"]


async def test_a_change_that_waits_in_the_queue_is_cancelled_at_once_and_the_next_moves_up(
    house: HealthBridge,
) -> None:
    first, second = await queued_behind_a_long_one(house, "1.1.0", "1.2.0")

    await decisions.cancel(house.world, first, by=NDAPEWA)
    await house.drain()
    assert (await house.change(first)).state == "cancelled"

    await free(house)
    assert (await house.change(second)).state == "succeeded"
    assert house.effects() == ["1.0.0", "1.2.0"]


async def test_other_targets_do_not_wait(house: HealthBridge) -> None:
    await queued_behind_a_long_one(house, "1.1.0")
    house.source.commit("frontend", "1.0.0")

    assert (await house.deployed("staging", "frontend")).state == "succeeded"
    assert (await house.deployed("development", "backend")).state == "succeeded"


async def test_going_on_is_for_what_was_held_up_and_not_for_what_runs(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.source.commit("frontend", "1.0.0")
    house.backend.then(Behaviour.HANG)
    refused: list[str] = []

    async def go_on() -> None:
        with pytest.raises(Refused) as no:
            await decisions.go_on(house.world, await newest(house), by=NDAPEWA)
        refused.append(str(no.value))
        house.backend.settle(house.backend.asks[-1][1])

    house.clock.at(5 * SECOND, go_on)
    change = await house.deployed("staging")

    assert refused == [f"Change {change.id} has nothing that waits to go on."]
    assert change.state == "succeeded"
