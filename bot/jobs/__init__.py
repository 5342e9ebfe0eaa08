"""What the queue's worker can be given to do besides moving changes and painting cards: one file = one kind of job.

A file introduces a `JOB`; `tx.enqueue(Job("<its name>", <a row's number>))` has it done after the commit, by whichever
replica is free. It may be killed at any moment and done again: it reads its row anew, and what it did is in the ledger.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.plugins import introduced
from bot.world import World


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job, and what does it about a row's number. `Retry` puts it back, for later; see `engine/worker.py`."""

    name: str
    do: Callable[[World, int], Awaitable[None]]


def kinds() -> Mapping[str, JobKind]:
    """Return every kind of job that the folder introduces, by name."""
    return {kind.name: kind for kind in introduced("bot.jobs", "JOB", JobKind)}
