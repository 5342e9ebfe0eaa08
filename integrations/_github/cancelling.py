"""Cancelling the run of a key: plainly, and by force where that does not take within its patience.

That it was asked for is written onto the deployment first, with GitHub's time: so whoever comes later knows that a run
was cancelled because of it, and since when it has had time to end. GitHub lets jobs go on that want to run always, ends
what is left of the others after some minutes, and has a force for the rest
(https://docs.github.com/rest/actions/workflow-runs#force-cancel-a-workflow-run).
"""

from datetime import datetime, timedelta

from bot.domain.errors import Retry
from integrations._github import runs
from integrations._github.client import Client
from integrations._github.course import Look
from integrations._github.notes import CANCELS, Notes
from integrations._github.shapes import Run
from integrations._github.words import Conflict

_SOON = timedelta(seconds=5)


async def cancel(client: Client, notes: Notes, look: Look | None, *, patience: timedelta, now: datetime) -> None:
    """Ask that a key's run ends; see `bot.ports.Stops` for what comes back, or is raised."""
    if look is None or look.claim is None or look.succeeded:
        return
    if look.run is None:
        if look.ended is None:
            raise Retry("the run was asked for, and is not listed yet", after=_SOON)
        return
    if not runs.goes_on(look.run):
        return
    asked = look.asked_to_end or await notes.add(look.deployment, "in_progress", CANCELS, look.run.html_url)
    rest = patience - (now - asked.created_at)
    await _ask(client, look.run, force=rest <= timedelta())
    if rest > timedelta():
        raise Retry(f"run {look.run.run_number} was cancelled, and may take its time to end", after=rest)


async def _ask(client: Client, run: Run, *, force: bool) -> None:
    """Ask; that a run cannot be cancelled is no fault where it has ended meanwhile, and may be so for a moment."""
    try:
        await runs.cancel(client, run, force=force)
    except Conflict as no:
        fresh = await runs.get(client, run.id)
        if fresh is not None and fresh.status != "completed":
            raise Retry(no.reason, after=_SOON) from no
        if fresh is not None and runs.goes_on(fresh):  # it waits for leave to run at all, and does nothing until then
            raise
