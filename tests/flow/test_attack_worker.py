"""The worker on bad days: a job that always fails, a database that goes away, work that takes long to be done."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.worker import Worker
from bot.ledger.ledger import Ledger
from bot.ledger.queue import Job, Queue
from bot.sandbox.driving import eventually
from bot.schedules import audit
from tests.fakes.databases import Databases, libpq
from tests.fakes.healthbridge import NDAPEWA, HealthBridge

PATIENCE = 30.0  # seconds, on a busy machine


async def defer(house: HealthBridge, *jobs: Job) -> None:
    async with house.world.ledger.transaction() as tx:
        for job in jobs:
            tx.enqueue(job)


@asynccontextmanager
async def at_work(queue: Queue, paint: Callable[[int | str, object], Awaitable[None]]) -> AsyncIterator[Worker]:
    worker = Worker(queue, {"paint": paint})
    working = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


@asynccontextmanager
async def away(databases: Databases, url: str) -> AsyncIterator[None]:
    """Let nobody connect to a database for a while, and throw out who is connected."""
    name = sql.Identifier(make_url(url).database or "")
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    out = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    with psycopg.connect(libpq(databases.url), autocommit=True) as server:
        server.execute(allow.format(name, sql.SQL("false")))
        server.execute(out, [make_url(url).database])
        try:
            yield
        finally:
            server.execute(allow.format(name, sql.SQL("true")))


async def test_a_job_that_always_fails_does_not_keep_those_with_its_lock_waiting(house: HealthBridge) -> None:
    tried: Counter[int | str] = Counter()

    async def paint(card: int | str, _: object) -> None:
        tried[card] += 1
        if card == 1:
            raise LookupError("this card cannot be drawn")

    await defer(house, *(Job("paint", card, lock="channel:deployments") for card in (1, 2, 3)))
    async with at_work(house.queue, paint):
        await eventually(lambda: _true(tried[1] > 1 and tried[3] == 1), within=PATIENCE)

        await defer(house, Job("paint", 4, lock="channel:deployments"))
        await eventually(lambda: _true(tried[4] == 1), within=PATIENCE)


async def _true(fact: bool) -> bool:  # noqa: FBT001 - what `eventually` looks at
    return fact


async def test_the_worker_comes_back_when_the_database_does(
    house: HealthBridge, databases: Databases, database_url: str
) -> None:
    done: list[int | str] = []

    async def paint(card: int | str, _: object) -> None:
        done.append(card)

    async with at_work(house.queue, paint) as worker:
        await eventually(lambda: _true(worker.running), within=PATIENCE)
        async with away(databases, database_url):
            await eventually(lambda: _true(not worker.running), within=2 * PATIENCE)

        await house.world.ledger.engine.dispose()
        await defer(house, Job("paint", 7))
        await eventually(lambda: _true(done == [7]), within=PATIENCE)


@pytest.mark.parametrize("ticks", [5])
async def test_what_is_being_done_is_not_begun_a_second_time_by_the_audit(house: HealthBridge, ticks: int) -> None:
    """The audit ticks every second, and a request may take long: git is slow, Slack is away."""
    await house.take("deploy", NDAPEWA, {"environment": "staging"})
    house.clock.move(timedelta(minutes=1))

    for _ in range(ticks):
        await audit.run(house.world)

    jobs = list(await house.queue.app.job_manager.list_jobs_async())
    assert [(job.task_name, job.task_kwargs) for job in jobs] == [("plan", {"subject": 1})]


async def test_a_request_whose_job_was_lost_is_taken_up(house: HealthBridge) -> None:
    await house.take("deploy", NDAPEWA, {"environment": "staging"})
    (job,) = await house.queue.app.job_manager.list_jobs_async()
    assert job.id is not None
    await house.queue.app.job_manager.cancel_job_by_id_async(job.id, delete_job=True)
    house.clock.move(timedelta(minutes=1))

    await audit.run(house.world)

    (again,) = await house.queue.app.job_manager.list_jobs_async()
    assert (again.task_name, again.task_kwargs) == ("plan", {"subject": 1})


async def test_a_lost_plan_is_taken_up_however_many_answers_cannot_be_told(house: HealthBridge) -> None:
    numbers = [await house.take("deploy", NDAPEWA, {"environment": "nowhere"}) for _ in range(101)]
    for number in numbers:
        await house.plan_only(number)
    lost = await house.take("deploy", NDAPEWA, {"environment": "staging"})
    await house.put_off("plan", lost)
    house.clock.move(timedelta(minutes=1))

    await audit.run(house.world)

    assert (lost, "todo") in await jobs_of(house)


async def test_what_was_lost_of_a_great_many_is_taken_up_bit_by_bit(house: HealthBridge) -> None:
    numbers = [await house.take("deploy", NDAPEWA, {"environment": "nowhere"}) for _ in range(120)]
    await house.world.ledger.single.say("DELETE FROM procrastinate_jobs RETURNING id", {})
    house.clock.move(timedelta(minutes=1))

    for _ in range(2):
        await audit.run(house.world)

    assert sorted(await jobs_of(house)) == [(number, "todo") for number in numbers]


async def take(house: HealthBridge, job: Job, known: object = None) -> None:
    async with house.world.ledger.transaction() as tx:
        tx.take(job, known)


async def jobs_of(house: HealthBridge) -> list[tuple[object, str | None]]:
    return [(job.task_kwargs["subject"], job.status) for job in await house.queue.app.job_manager.list_jobs_async()]


async def test_what_is_taken_is_done_with_what_its_maker_knew_and_crossed_off(house: HealthBridge) -> None:
    done: list[tuple[int | str, object]] = []

    async def paint(card: int | str, known: object) -> None:
        done.append((card, known))

    async with at_work(house.queue, paint) as worker:
        await eventually(lambda: _true(worker.worker_id is not None), within=PATIENCE)
        await take(house, Job("paint", 7, lock="channel:deployments"), "as it was read")
        await eventually(lambda: _true(done == [(7, "as it was read")]), within=PATIENCE)

        await eventually(lambda: _nothing_left(house), within=PATIENCE)


async def _nothing_left(house: HealthBridge) -> bool:
    return await jobs_of(house) == []


async def test_what_is_taken_and_fails_is_given_out_again_without_what_was_known(house: HealthBridge) -> None:
    tried: list[object] = []

    async def paint(_card: int | str, known: object) -> None:
        tried.append(known)
        if known is not None:
            raise LookupError("what was known was wrong")

    async with at_work(house.queue, paint) as worker:
        await eventually(lambda: _true(worker.worker_id is not None), within=PATIENCE)
        await take(house, Job("paint", 7), "wrong")

        await eventually(lambda: _true(tried == ["wrong", None]), within=PATIENCE)


async def test_what_a_commit_without_an_answer_wrote_down_is_found_and_done(house: HealthBridge) -> None:
    done: list[int | str] = []

    async def paint(card: int | str, _: object) -> None:
        done.append(card)

    async with at_work(house.queue, paint) as worker:
        await eventually(lambda: _true(worker.worker_id is not None), within=PATIENCE)
        with pytest.raises(ConnectionResetError):
            async with silenced(house.world.ledger):
                await take(house, Job("paint", 7))
        assert await jobs_of(house) == [(7, "doing")]

        await worker.rescue()
        await eventually(lambda: _true(done == [7]), within=PATIENCE)
        await worker.rescue()

    assert done == [7]


class _Silent:
    """An engine whose commits are made and never answered."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @asynccontextmanager
    async def connect(self) -> AsyncIterator["_Unanswered"]:
        async with self.engine.connect() as connection:
            yield _Unanswered(connection)


class _Unanswered:
    """A connection of such an engine, as far as a transaction needs one."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.get_raw_connection = connection.get_raw_connection

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[None]:
        async with self.connection.begin():
            yield
        raise ConnectionResetError("the server closed the connection")


@asynccontextmanager
async def silenced(ledger: Ledger) -> AsyncIterator[None]:
    heard = ledger.engine
    ledger.engine = _Silent(heard)  # type: ignore[assignment]  # it has the one verb that is asked for
    try:
        yield
    finally:
        ledger.engine = heard


async def test_what_a_process_had_in_hand_when_it_died_is_given_to_others(house: HealthBridge) -> None:
    await house.drain()
    await take(house, Job("paint", 7))
    held = await jobs_of(house)
    house.hands.die()
    assert house.hands.worker_id is not None
    await house.queue.app.job_manager.unregister_worker(house.hands.worker_id)

    rescued = await Worker(house.queue, {}).rescue()

    assert held == [(7, "doing")]
    assert rescued == 1
    assert await jobs_of(house) == [(7, "todo")]


async def test_what_cannot_be_taken_waits_in_the_queue(house: HealthBridge) -> None:
    await house.drain()
    await take(house, Job("paint", 7, lock="channel:deployments"))
    await take(house, Job("paint", 8, lock="channel:deployments"))  # the lock is held
    assert house.hands.worker_id is not None
    await house.queue.app.job_manager.unregister_worker(house.hands.worker_id)
    await take(house, Job("paint", 9))  # the queue no longer knows this process

    assert await jobs_of(house) == [(7, "doing"), (8, "todo"), (9, "todo")]


async def test_a_transaction_that_fails_leaves_nothing_in_hand(house: HealthBridge) -> None:
    await house.drain()

    with pytest.raises(LookupError):
        await _take_and_fail(house)

    assert await jobs_of(house) == []
    assert not house.hands.held


async def _take_and_fail(house: HealthBridge) -> None:
    async with house.world.ledger.transaction() as tx:
        tx.take(Job("paint", 7))
        raise LookupError
