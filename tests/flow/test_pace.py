"""Slack's limits, kept together by all replicas: rate, burst, urgent first, and a 429 that is honoured."""

import asyncio
from datetime import datetime, timedelta

from bot.ledger import pace
from bot.ledger.pace import Limit
from tests.fakes.healthbridge import HealthBridge

SECOND = timedelta(seconds=1)
UPDATES = Limit("chat.update", 2 * SECOND, burst=4)


async def take(house: HealthBridge, limit: Limit = UPDATES, *, urgent: bool = True) -> datetime | None:
    async with house.world.ledger.transaction() as tx:
        return await pace.take(tx, limit, urgent=urgent)


async def taken(house: HealthBridge, tries: int, *, urgent: bool = True) -> int:
    """Return how many of so many calls may go now."""
    return sum([await take(house, urgent=urgent) is None for _ in range(tries)])


async def test_a_burst_goes_at_once_and_then_one_each_interval(house: HealthBridge) -> None:
    assert await taken(house, 10) == 4
    house.clock.move(2 * SECOND)
    assert await taken(house, 10) == 1
    house.clock.move(6 * SECOND)
    assert await taken(house, 10) == 3
    house.clock.move(3600 * SECOND)
    assert await taken(house, 10) == 4


async def test_who_may_not_go_is_told_when_and_may_go_then(house: HealthBridge) -> None:
    await taken(house, 4)

    when = await take(house)

    assert when == house.clock.now() + 2 * SECOND
    house.clock.move(2 * SECOND - timedelta(milliseconds=1))
    assert await take(house) is not None
    house.clock.move(timedelta(milliseconds=1))
    assert await take(house) is None


async def test_in_the_long_run_no_more_go_than_the_limit_says(house: HealthBridge) -> None:
    went = 0
    for _ in range(100):
        went += await taken(house, 2)
        house.clock.move(SECOND)

    assert went <= 100 / 2 + 4


async def test_cosmetic_calls_leave_room_for_what_people_did(house: HealthBridge) -> None:
    assert await taken(house, 10, urgent=False) == 2
    assert await taken(house, 10, urgent=True) == 2
    assert await take(house, urgent=False) is not None


async def test_limits_are_kept_apart(house: HealthBridge) -> None:
    await taken(house, 10)

    assert await take(house, Limit("chat.postMessage/C1", SECOND, burst=1)) is None
    assert await take(house, Limit("chat.postMessage/C2", SECOND, burst=1)) is None
    assert await take(house, Limit("chat.postMessage/C1", SECOND, burst=1)) is not None


async def test_after_a_429_nothing_goes_before_the_time_slack_said(house: HealthBridge) -> None:
    until = house.clock.now() + 30 * SECOND
    async with house.world.ledger.transaction() as tx:
        await pace.stop(tx, UPDATES, until=until)

    assert await take(house) == until
    house.clock.move(29 * SECOND)
    assert await take(house) is not None
    house.clock.move(SECOND)
    assert await take(house) is None
    assert await take(house) is not None


async def test_a_429_never_makes_the_wait_shorter(house: HealthBridge) -> None:
    async with house.world.ledger.transaction() as tx:
        await pace.stop(tx, UPDATES, until=tx.now + 30 * SECOND)
        await pace.stop(tx, UPDATES, until=tx.now + 5 * SECOND)

    assert await take(house) == house.clock.now() + 30 * SECOND


async def test_replicas_that_ask_at_one_moment_do_not_exceed_it_together(house: HealthBridge) -> None:
    for _ in range(10):
        answers = await asyncio.gather(*[take(house) for _ in range(9)])
        assert sum(answer is None for answer in answers) == 4
        house.clock.move(60 * SECOND)
