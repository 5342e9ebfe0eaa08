"""Which function does which job, and the loop that does them: procrastinate's worker inside this process.

A job that meets a bug is logged and put back by the queue, with growing pauses, behind everything else that has its
lock: the queue would let nothing pass it, and one card that cannot be drawn would keep its whole channel waiting. A
worker that dies without a word is noticed by its missing heartbeat, and its jobs are given to others. One that the
database has left begins again when it can.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status
from procrastinate.worker import Worker as LibraryWorker

from bot.domain.errors import Retry
from bot.ledger.queue import AGAIN, Job, Queue

HEARTBEAT, STALLED = 0.5, 3.0  # seconds; see docs/decisions for how fast a dead worker's jobs are taken over
POLL = 0.3  # seconds; a finished job does not wake the one that waits for its lock
DRAIN = 10.0  # seconds a stopping process gives the moves it is in
RESTART = 1.0  # seconds after which a worker that has stopped by itself begins again
MOST_ATTEMPTS, LONGEST_PAUSE = 50, 64  # seconds
FIRST_PAUSE = 2  # seconds
DOUBTS = 60  # rescues that look for a job whose commit got no answer

log = structlog.get_logger(__name__)

Task = Callable[[int | str, object], Awaitable[None]]  # a job's subject, and what its maker knows of it, or None


class Patience(BaseRetryStrategy):
    """Puts a job back that could not be done: after what the world asked for, or after growing pauses."""

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:
        """See procrastinate."""
        if not isinstance(exception, Retry):  # the queue's library itself is silent until it gives up
            log.error("a job failed", task=job.task_name, attempt=job.attempts, exc_info=exception, **job.task_kwargs)
        if job.attempts >= MOST_ATTEMPTS:
            return None
        pause = timedelta(seconds=min(2 ** (job.attempts + 1), LONGEST_PAUSE))
        if isinstance(exception, Retry) and exception.after is not None:
            pause = exception.after
        return RetryDecision(retry_in={"milliseconds": max(pause // timedelta(milliseconds=1), 1)}, priority=AGAIN)


class Worker:
    """Does jobs until it is stopped; `ready` is set while it does."""

    def __init__(self, queue: Queue, tasks: Mapping[str, Task], *, concurrency: int = 100) -> None:
        self._app = queue.app
        self._tasks = tasks
        self._concurrency = concurrency
        self.running = False
        self._inner: LibraryWorker | None = None
        self._in_hand: set[asyncio.Task[None]] = set()
        self._in_doubt: dict[int, int] = {}
        self._queue = queue
        for name, task in tasks.items():
            self._register(name, task)
        queue.hands = self

    @property
    def worker_id(self) -> int | None:
        """See `bot.ledger.queue.Hands`."""
        return self._inner.worker_id if self._inner and self.running else None

    def do(self, job_id: int, job: Job, known: object) -> None:
        """See `bot.ledger.queue.Hands`."""
        task = asyncio.create_task(self._in_one_go(job_id, job, known))
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)

    def doubt(self, job_id: int) -> None:
        """See `bot.ledger.queue.Hands`: the next rescue gives it out."""
        self._in_doubt[job_id] = DOUBTS

    async def _in_one_go(self, job_id: int, job: Job, known: object) -> None:
        """Do a job and cross it off; one that fails is put back, for the queue to give out again."""
        jobs = self._app.job_manager
        done = await surviving(job.task, lambda: self._tasks[job.task](job.subject, known))

        async def settle() -> None:
            if done:
                await jobs.finish_job_by_id_async(job_id, Status.SUCCEEDED, delete_job=True)
            else:
                again = RetryDecision(retry_in={"seconds": FIRST_PAUSE}, priority=AGAIN)
                assert again.retry_at is not None  # noqa: S101 - it was just said in how long
                await jobs.retry_job_by_id_async(job_id, again.retry_at, priority=AGAIN)

        while not await surviving("settling a job", settle):  # noqa: ASYNC110 - that a database is back is no event
            await asyncio.sleep(RESTART)

    def _register(self, name: str, task: Task) -> None:
        @self._app.task(name=name, queue="slipway", retry=Patience(), pass_context=True)
        async def run(context: JobContext, subject: int | str) -> None:
            log.debug("job", task=name, subject=subject, attempt=context.job.attempts)
            await task(subject, None)

    async def run(self) -> None:
        """Do jobs until cancelled; then begin no more, and give those at work time to come to a stop."""
        while True:
            await surviving("worker", self._work)
            log.warning("the worker has stopped by itself, and begins again")
            await asyncio.sleep(RESTART)

    async def _work(self) -> None:
        """Do jobs until cancelled, or until the queue's library gives up: it does when the database is away."""
        self._inner = LibraryWorker(
            self._app,
            queues=["slipway"],
            concurrency=self._concurrency,
            fetch_job_polling_interval=POLL,
            shutdown_graceful_timeout=DRAIN,
            install_signal_handlers=False,
            delete_jobs="successful",
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=STALLED,
        )
        working = asyncio.create_task(self._inner.run())  # type: ignore[no-untyped-call]  # the library leaves it untyped
        self.running = True
        try:
            await asyncio.shield(working)
        finally:
            self.running = False
            await self._put_down()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    async def _put_down(self) -> None:
        """Let what is in hand come to a stop while the queue knows whose it is; what does not is left to others."""
        if self._in_hand:
            _, late = await asyncio.wait(self._in_hand, timeout=DRAIN)
            for task in late:
                task.cancel()

    async def rescue(self) -> int:
        """Give the jobs of workers that have died to others, and those that nobody does; return how many had died."""
        if self._in_doubt:
            await self._clear_doubts()
        stalled = list(await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED))
        for job in stalled:
            await self._app.job_manager.retry_job(job)
        return len(stalled)

    async def _clear_doubts(self) -> None:
        """Give out what a commit whose answer was lost may have written down as done by this worker.

        The commit may still be on its way when somebody looks, so what is not there is looked for again, for a while.
        """
        given = await self._queue.give_out(self._in_doubt)
        self._in_doubt = {job: left - 1 for job, left in self._in_doubt.items() if job not in given and left > 1}


async def surviving(name: str, act: Callable[[], Awaitable[object]]) -> bool:
    """Do something whose failure must not end what called it: a bug in it is logged, and the next turn comes."""
    try:
        await act()
    except Exception:  # the one catch of the engine: a process must not die of one bad turn
        log.exception("a turn failed", name=name)
        return False
    return True


async def forever(every: timedelta, act: Callable[[], Awaitable[object]], name: str) -> None:
    """Do something again and again."""
    while True:
        await surviving(name, act)
        await asyncio.sleep(every.total_seconds())
