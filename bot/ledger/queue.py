"""The queue of jobs, on the same PostgreSQL: procrastinate, told apart from its one use.

A job names its task, its arguments and its lock; `defer` writes jobs through the caller's own connection, so they
exist if and only if the transaction commits. Which function does a task is the engine's business.

`take` writes a job down as one that this process's own worker is doing already, and the worker does it right after the
commit: what a person has just pressed need not wait until the queue has been told, asked and answered. To the queue it
is a job like any other: its lock is held, and when this process dies it is given to another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import LiteralString, Protocol

from procrastinate import App, PsycopgConnector
from procrastinate.jobs import Job as QueuedJob
from procrastinate.types import JSONDict
from psycopg import AsyncConnection
from sqlalchemy import text

from bot.ledger.statement import Said, Statement

URGENT, USUAL, COSMETIC, AGAIN = 10, 0, -10, -20  # AGAIN: a job that has failed keeps nobody waiting
CONNECT_WITHIN = 5.0  # seconds

_BORN = Statement(
    text("""
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, args, status, worker_id)
    SELECT 'slipway', :task, :priority, :lock, jsonb_build_object('subject', CAST(:subject AS bigint)), 'doing', id
    FROM procrastinate_workers WHERE id = :worker
    ON CONFLICT (lock) WHERE status = 'doing' DO NOTHING RETURNING id
    """)
)
_GIVE_OUT = """
    UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL WHERE id = ANY(%(ids)s) AND status = 'doing'
    RETURNING id
"""
_QUEUED = (
    "SELECT task_name, args->>'subject' FROM procrastinate_jobs"
    " WHERE queue_name = 'slipway' AND status IN ('todo', 'doing') AND task_name = ANY(%s)"
)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done: `lock` orders jobs that must not overlap; a higher `priority` overtakes."""

    task: str
    subject: int | str
    lock: str | None = None
    priority: int = USUAL

    def queued(self) -> QueuedJob:
        """Return the job as the queue's library wants it."""
        arguments: JSONDict = {"subject": self.subject}
        return QueuedJob(
            queue="slipway",
            lock=self.lock,
            queueing_lock=None,
            task_name=self.task,
            priority=self.priority,
            task_kwargs=arguments,
        )


class Hands(Protocol):
    """This process's own worker: `worker_id` is its number in the queue, None while it does no jobs."""

    @property
    def worker_id(self) -> int | None:
        """Return its number."""

    def do(self, job_id: int, job: Job, known: object) -> None:
        """Do a job that is written down as being done by this worker; `known` is what its maker has just read."""

    def doubt(self, job_id: int) -> None:
        """Give a job out again that may be written down as being done by this worker, and is not."""


def conninfo(url: str) -> str:
    """Return a SQLAlchemy address in libpq's form, as psycopg and the queue's library want it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def deferring(task: LiteralString, *, lock: str, priority: int) -> str:
    """Return the SQL that has a job done about the row with `id`, within the statement that makes the row."""
    job = f"'slipway', '{task}', {priority}, '{lock}:' || id, NULL, jsonb_build_object('subject', id), NULL"
    return f"procrastinate_defer_jobs_v1(ARRAY[ROW({job})::procrastinate_job_to_defer_v1])"


def queued(task: LiteralString, subject: LiteralString) -> LiteralString:
    """Return the SQL that says whether a job is waiting or being done about a row; both are SQL themselves."""
    return (
        "EXISTS (SELECT FROM procrastinate_jobs WHERE queue_name = 'slipway' AND status IN ('todo', 'doing')"
        f" AND task_name = {task} AND args->>'subject' = ({subject})::text)"
    )


class Queue:
    """procrastinate on a PostgreSQL address (libpq form)."""

    def __init__(self, conninfo: str, *, connections: int = 6) -> None:
        self.app = App(
            connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=connections, timeout=CONNECT_WITHIN)
        )
        self.hands: Hands | None = None

    @property
    def works(self) -> bool:
        """Whether this process does jobs."""
        return self.hands is not None and self.hands.worker_id is not None

    async def defer(self, jobs: Sequence[Job], connection: AsyncConnection) -> None:
        """Write jobs through a connection whose transaction the caller commits."""
        await self.app.job_manager.batch_defer_jobs_async(jobs=[job.queued() for job in jobs], connection=connection)

    def taking(self, job: Job) -> Said | None:
        """Return what writes a job down as being done by this process, and gives its number unless its lock is held.

        None when this process does no jobs.
        """
        worker = self.hands.worker_id if self.hands else None
        if worker is None:
            return None
        values = {"task": job.task, "priority": job.priority, "lock": job.lock, "subject": job.subject}
        return _BORN, {**values, "worker": worker}

    async def give_out(self, job_ids: Iterable[int]) -> list[int]:
        """Have those of the jobs done by anybody that are written down as being done; return which they were."""
        rows = await self.app.connector.execute_query_all_async(_GIVE_OUT, ids=list(job_ids))
        return [int(row["id"]) for row in rows]

    async def missing(self, jobs: Sequence[Job], connection: AsyncConnection) -> list[Job]:
        """Return those of the jobs that are neither waiting nor being done, whatever their lock and priority."""
        if not jobs:
            return []
        cursor = await connection.execute(_QUEUED, [sorted({job.task for job in jobs})])
        queued = set(await cursor.fetchall())
        return [job for job in jobs if (job.task, str(job.subject)) not in queued]
