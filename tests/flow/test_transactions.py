"""One transaction per sentence: rows, events and jobs commit together, or none of them does."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ledger import chain, requests
from bot.ledger.ledger import Tx
from bot.ledger.queue import URGENT, Job
from bot.ledger.requests import Deed
from tests.fakes.healthbridge import NDAPEWA, HealthBridge


class Mishap(Exception):  # noqa: N818 - it is what happens, not what is raised about it
    """Something went wrong in the middle."""


async def jobs(house: HealthBridge) -> list[tuple[str, object]]:
    found = await house.queue.app.job_manager.list_jobs_async()
    return [(job.task_name, job.task_kwargs["subject"]) for job in found]


async def unsealed(house: HealthBridge) -> int:
    async with house.world.ledger.transaction() as tx:
        return await chain.unsealed(tx)


async def ask(tx: Tx, key: str = "trigger-1") -> int | None:
    return await requests.take(tx, Deed(key, NDAPEWA, "C1", "deploy", {"environment": "staging"}))


async def test_a_row_its_event_and_its_job_commit_together(house: HealthBridge) -> None:
    async with house.world.ledger.transaction() as tx:
        number = await ask(tx)
        tx.record("test.happened", actor=NDAPEWA, subject="test:1")

    assert await jobs(house) == [("plan", number)]
    assert await unsealed(house) == 1


async def test_a_transaction_that_is_rolled_back_leaves_neither_row_nor_event_nor_job(house: HealthBridge) -> None:
    numbers: list[int] = []

    async def sentence() -> None:
        async with house.world.ledger.transaction() as tx:
            numbers.append(await ask(tx) or 0)
            tx.record("test.happened", actor=NDAPEWA, subject="test:1")
            await tx.flush()
            raise Mishap

    with pytest.raises(Mishap):
        await sentence()

    assert await jobs(house) == []
    assert await unsealed(house) == 0
    async with house.world.ledger.transaction() as tx:
        assert await requests.get(tx, numbers[0]) is None


async def test_a_job_that_is_enqueued_twice_in_one_sentence_is_one_job(house: HealthBridge) -> None:
    async with house.world.ledger.transaction() as tx:
        tx.enqueue(Job("plan", 1))
        tx.enqueue(Job("plan", 1))

    assert await jobs(house) == [("plan", 1)]


async def test_an_event_is_dated_by_the_clock_and_knows_its_own_hash(house: HealthBridge) -> None:
    async with house.world.ledger.transaction() as tx:
        tx.record("test.happened", actor=NDAPEWA, subject="test:1", words="größer ←", number=7)

    async with house.world.ledger.transaction() as tx:
        (row,) = await chain.of_subject(tx, "test:1")
    assert row["at"] == house.clock.now()
    assert row["payload"] == '{"number":7,"words":"größer ←"}'
    assert row["content_hash"] == chain._content(row)


async def test_what_has_no_canonical_form_is_refused_before_anything_is_written(house: HealthBridge) -> None:
    async def sentence() -> None:
        async with house.world.ledger.transaction() as tx:
            await ask(tx)
            tx.record("test.happened", actor=NDAPEWA, subject="test:1", ratio=0.5)

    with pytest.raises(TypeError, match="no canonical form"):
        await sentence()

    assert await jobs(house) == []


async def test_the_same_deed_taken_twice_is_one_request(house: HealthBridge) -> None:
    async with house.world.ledger.transaction() as tx:
        first = await ask(tx)
    async with house.world.ledger.transaction() as tx:
        second = await ask(tx)
        third = await ask(tx, "trigger-2")

    assert first is not None
    assert second is None
    assert third is not None
    assert await jobs(house) == [("plan", first), ("plan", third)]


async def test_a_deed_taken_by_itself_is_the_same_as_within_a_transaction(house: HealthBridge) -> None:
    async with house.world.ledger.transaction() as tx:
        within = await ask(tx)
    alone = Deed("trigger-2", NDAPEWA, "C1", "deploy", {"environment": "staging"})
    for _ in range(2):
        await requests.take_at_once(house.world.ledger, alone, at=house.clock.now())

    async with house.world.ledger.transaction() as tx:
        one = await requests.get(tx, within or 0)
        other = await requests.get(tx, (within or 0) + 1)
    assert one is not None
    assert other == replace(one, id=one.id + 1)
    queued = await house.queue.app.job_manager.list_jobs_async()
    assert [(job.task_name, job.lock, job.priority, job.task_kwargs) for job in queued] == [
        ("plan", f"request:{number}", URGENT, {"subject": number}) for number in (one.id, other.id)
    ]


async def test_a_request_is_answered_once(house: HealthBridge) -> None:
    async with house.world.ledger.transaction() as tx:
        number = await ask(tx)
    for words in ("first", "second"):
        async with house.world.ledger.transaction() as tx:
            asked = await requests.get(tx, number or 0)
            assert asked is not None
            await requests.answer(tx, asked, words)

    async with house.world.ledger.transaction() as tx:
        asked = await requests.get(tx, number or 0)
    assert asked is not None
    assert (asked.answered, asked.reply) == (True, "first")
    assert await jobs(house) == [("plan", number), ("reply", number)]


async def test_requests_whose_jobs_were_lost_are_found_again(house: HealthBridge) -> None:
    async with house.world.ledger.transaction() as tx:
        unplanned, untold, told = [await ask(tx, f"trigger-{number}") for number in range(3)]
    for number in (untold, told):
        async with house.world.ledger.transaction() as tx:
            asked = await requests.get(tx, number or 0)
            assert asked is not None
            await requests.answer(tx, asked, "no")
    async with house.world.ledger.transaction() as tx:
        await requests.replied(tx, told or 0)
    await house.world.ledger.single.say("DELETE FROM procrastinate_jobs RETURNING id", {})
    house.clock.move(timedelta(seconds=10))

    async with house.world.ledger.transaction() as tx:
        found = await requests.left_over(tx, tx.now - timedelta(seconds=5))
        early = await requests.left_over(tx, tx.now - timedelta(seconds=15))

    assert [(job.task, job.subject) for job in found] == [("plan", unplanned), ("reply", untold)]
    assert early == []
