"""The queue of jobs, on the same PostgreSQL: procrastinate, told apart from its one use.

A job names its task, its subject and its lock. It is deferred within the caller's own transaction, so it exists if and
only if that commits. Which function does a task is the engine's business.

`take` writes a job down as one that this process's own worker is doing already, and the worker does it right after the
commit: what a person has just pressed need not wait until the queue has been told, asked and answered. To the queue it
is a job like any other: its lock is held, and when this process dies it is given to another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import LiteralString, Protocol

from procrastinate import App, PsycopgConnector
from psycopg import AsyncConnection
from sqlalchemy import text

from bot.ledger.statement import Said, Statement

AT_ONCE, URGENT, USUAL, COSMETIC, AGAIN = 20, 10, 0, -10, -20  # AGAIN: a job that has failed keeps nobody waiting
CONNECT_WITHIN = 5.0  # seconds

_A_JOB = (
    "ROW('slipway', {task}, {priority}, {lock}, NULL, jsonb_build_object('subject', {subject}), NULL)"
    "::procrastinate_job_to_defer_v1"
)
_ROW = _A_JOB.format(task="task", priority="priority", lock="lock", subject="subject")
_DEFER = Statement(
    text(f"""
    SELECT procrastinate_defer_jobs_v1(array_agg({_ROW} ORDER BY place))
    FROM unnest(CAST(:tasks AS text[]), CAST(:priorities AS int[]), CAST(:locks AS text[]), CAST(:subjects AS bigint[]))
        WITH ORDINALITY AS jobs (task, priority, lock, subject, place)
    """)  # noqa: S608 - nothing of it is from outside
)
_BORN = Statement(
    text(f"""
    WITH job AS (
        SELECT CAST(:task AS text) AS task, CAST(:priority AS int) AS priority, CAST(:lock AS text) AS lock,
            CAST(:subject AS bigint) AS subject
    ), born AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, args, status, worker_id)
        SELECT 'slipway', task, priority, lock, jsonb_build_object('subject', subject), 'doing', workers.id
        FROM job, procrastinate_workers AS workers WHERE workers.id = :worker
        ON CONFLICT (lock) WHERE status = 'doing' DO NOTHING RETURNING id
    )
    SELECT (SELECT id FROM born) AS id,
        CASE WHEN NOT EXISTS (SELECT FROM born) THEN procrastinate_defer_jobs_v1(ARRAY[{_ROW}]) END AS queued
    FROM job
    """)  # noqa: S608 - nothing of it is from outside
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
    subject: int
    lock: str | None = None
    priority: int = USUAL


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


def deferring(task: LiteralString, *, lock: LiteralString, priority: str | int) -> str:
    """Return the SQL that has a job done about the row with `id`, within the statement that makes or changes the row.

    `lock` and `priority` are SQL themselves.
    """
    job = _A_JOB.format(task=f"'{task}'", priority=priority, lock=lock, subject="id")
    return f"procrastinate_defer_jobs_v1(ARRAY[{job}])"


def deferred(jobs: Sequence[Job]) -> Said:
    """Return what has jobs done, as soon as it is committed."""
    return _DEFER, {
        "tasks": [job.task for job in jobs],
        "priorities": [job.priority for job in jobs],
        "locks": [job.lock for job in jobs],
        "subjects": [job.subject for job in jobs],
    }


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

    def taking(self, job: Job) -> Said | None:
        """Return what writes a job down as being done by this process, and gives its `id`.

        Where somebody else is doing one of its lock it is deferred instead, and the `id` is NULL. None when this
        process does no jobs.
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
