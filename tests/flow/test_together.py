"""What many say at one moment: one statement for all, and each answered for itself."""

import asyncio

import pytest
from psycopg import DataError

from bot.ledger import requests
from bot.ledger.requests import Deed
from tests.fakes.healthbridge import NDAPEWA, HealthBridge


async def say(house: HealthBridge, key: str, word: str = "deploy") -> None:
    deed = Deed(key, NDAPEWA, "C0DEPLOYM2", word, {"environment": "staging"})
    await requests.take_at_once(house.world.ledger, deed, at=house.clock.now())


async def taken(house: HealthBridge) -> list[str]:
    rows = await house.world.ledger.single.say("SELECT key FROM requests ORDER BY key", {})
    return [str(row["key"]) for row in rows]


async def statements(house: HealthBridge) -> int:
    """Return how many transactions have written requests: those of one statement bear one number."""
    rows = await house.world.ledger.single.say("SELECT count(DISTINCT xmin::text) FROM requests", {})
    return int(str(rows[0]["count"]))


async def test_those_who_come_while_one_is_on_its_way_go_together(house: HealthBridge) -> None:
    keys = [f"deed-{number:03}" for number in range(50)]
    await asyncio.gather(*(say(house, key) for key in keys))

    assert await taken(house) == keys
    assert await statements(house) <= 5
    assert len(list(await house.queue.app.job_manager.list_jobs_async(task="plan"))) == 50


async def test_one_deed_said_twice_at_one_moment_is_one(house: HealthBridge) -> None:
    await asyncio.gather(*(say(house, "the same") for _ in range(10)))

    assert await taken(house) == ["the same"]
    assert len(list(await house.queue.app.job_manager.list_jobs_async(task="plan"))) == 1


async def test_what_is_wrong_with_one_is_not_wrong_with_the_others(house: HealthBridge) -> None:
    keys = [f"deed-{number}" for number in range(5)]
    wrong = asyncio.gather(say(house, "wrong", "a word with \0 in it"), return_exceptions=True)
    await asyncio.gather(*(say(house, key) for key in keys), wrong)

    assert isinstance(wrong.result()[0], DataError)
    assert await taken(house) == keys


async def test_who_goes_away_while_waiting_keeps_nobody_else(house: HealthBridge) -> None:
    first, second = asyncio.create_task(say(house, "first")), asyncio.create_task(say(house, "second"))
    await asyncio.sleep(0)
    first.cancel()

    await second

    with pytest.raises(asyncio.CancelledError):
        await first
    assert "second" in await taken(house)
