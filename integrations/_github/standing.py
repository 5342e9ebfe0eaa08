"""What a look at a key's deployment comes to, as a phase and words for a person.

Where the run was asked for and is not to be found, it may still come: GitHub lists runs late. It is never called
absent, because somebody would ask for it a second time; when it should have come long ago, it is unknown.
"""

from datetime import datetime, timedelta

from bot.domain.observation import Phase
from integrations._github import joblog, runs
from integrations._github.client import Client
from integrations._github.course import Look, Serving
from integrations._github.shapes import Run

_LISTED_WITHIN = timedelta(minutes=5)  # it is seconds, and minutes on GitHub's bad days

Standing = tuple[Phase, str]


async def standing(client: Client, look: Look | None, serving: Serving | None, *, mark: str, now: datetime) -> Standing:
    """Say how far a key has come; of one that was live and is not any more, who took over."""
    if look is None:
        return Phase.ABSENT, "nothing was asked under this key"
    if look.claim is None:
        return Phase.ABSENT, "it was written down at GitHub, and its run was never asked for"
    if look.succeeded:
        if look.wish and serving and serving.key == look.wish.key:
            return Phase.LIVE, ""
        return Phase.FAILED, f"superseded: it was live until {serving.words if serving else 'nothing'} took over"
    if look.run is None:
        return _without_run(look, mark, now)
    if runs.goes_on(look.run):
        return Phase.PROGRESSING, await _progress(client, look.run)
    return Phase.FAILED, await _ending(client, look.run, asked=look.stopped)


def _without_run(look: Look, mark: str, now: datetime) -> Standing:
    """Judge a key whose run is not to be found."""
    if look.ended is not None:
        return Phase.FAILED, look.ended.description or "GitHub says that it failed, and nothing more"
    number, claim = runs.noted(look.statuses), look.claim
    if claim is not None and now - claim.created_at < _LISTED_WITHIN:
        return Phase.PROGRESSING, f"run {number} was begun" if number else "the run was asked for; it is not listed yet"
    if number is not None:
        return Phase.UNKNOWN, f"GitHub no longer knows run {number}: it was deleted, or the secret no longer shows it"
    return Phase.UNKNOWN, (
        f"a run was asked for, and none with {mark} in its name has come. "
        "Look at the workflow's runs; does its run-name show the input that Slipway gives?"
    )


async def _progress(client: Client, run: Run) -> str:
    waits_for = await runs.awaited(client, run) if run.status == "waiting" else []
    return runs.progress(run, await runs.jobs(client, run), waits_for)


async def _ending(client: Client, run: Run, *, asked: bool) -> str:
    job = runs.culprit(await runs.jobs(client, run))
    return runs.ending(run, job, await joblog.last_words(client, job.id) if job and not asked else [], asked=asked)
