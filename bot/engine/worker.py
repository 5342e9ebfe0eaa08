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
from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job

from bot.domain.errors import Retry
from bot.ledger.queue import AGAIN, TaskName

HEARTBEAT, STALLED = 0.5, 3.0  # seconds; see docs/decisions for how fast a dead worker's jobs are taken over
POLL = 0.3  # seconds; a finished job does not wake the one that waits for its lock
DRAIN = 10.0  # seconds a stopping process gives the moves it is in
RESTART = 1.0  # seconds after which a worker that has stopped by itself begins again
MOST_ATTEMPTS, LONGEST_PAUSE = 50, 64  # seconds

log = structlog.get_logger(__name__)

Task = Callable[[int | str], Awaitable[None]]


class Patience(BaseRetryStrategy):
    """Puts a job back that could not be done: after what the world asked for, or after growing pauses."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
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

    def __init__(self, app: App, tasks: Mapping[TaskName, Task], *, concurrency: int = 100) -> None:
        self._app = app
        self._concurrency = concurrency
        self.running = False
        for name, task in tasks.items():
            self._register(name, task)

    def _register(self, name: TaskName, task: Task) -> None:
        @self._app.task(name=name, queue="slipway", retry=Patience(), pass_context=True)
        async def run(context: JobContext, subject: int | str) -> None:
            log.debug("job", task=name, subject=subject, attempt=context.job.attempts)
            await task(subject)

    async def run(self) -> None:
        """Do jobs until cancelled; then begin no more, and give those at work time to come to a stop."""
        while True:
            await surviving("worker", self._work)
            log.warning("the worker has stopped by itself, and begins again")
            await asyncio.sleep(RESTART)

    async def _work(self) -> None:
        """Do jobs until cancelled, or until the queue's library gives up: it does when the database is away."""
        self.running = True
        try:
            await self._app.run_worker_async(
                queues=["slipway"],
                concurrency=self._concurrency,
                fetch_job_polling_interval=POLL,
                shutdown_graceful_timeout=DRAIN,
                install_signal_handlers=False,
                delete_jobs="successful",
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED,
            )
        finally:
            self.running = False

    async def rescue(self) -> int:
        """Give the jobs of workers that have died to others; return how many there were."""
        stalled = list(await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED))
        for job in stalled:
            await self._app.job_manager.retry_job(job)
        return len(stalled)


async def surviving(name: str, act: Callable[[], Awaitable[object]]) -> None:
    """Do something whose failure must not end what called it: a bug in it is logged, and the next turn comes."""
    try:
        await act()
    except Exception:  # the one catch of the engine: a process must not die of one bad turn
        log.exception("a turn failed", name=name)


async def forever(every: timedelta, act: Callable[[], Awaitable[object]], name: str) -> None:
    """Do something again and again."""
    while True:
        await surviving(name, act)
        await asyncio.sleep(every.total_seconds())
