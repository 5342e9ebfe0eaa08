"""Runs of a workflow: asking for one, finding it again by its mark, and what its jobs say, in words for a person."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import GaveUp
from integrations._github.client import Client
from integrations._github.shapes import Awaited, Dispatched, Job, Run, Status
from integrations._github.words import Missing

_ANSWER: type[Dispatched | None] = Dispatched | None  # type: ignore[assignment] # pydantic reads a union as a type
_SKEW = timedelta(minutes=1)
_RUN = re.compile(r"/actions/runs/(\d+)")
_WORDS = {
    "cancelled": "somebody cancelled it at GitHub",
    "timed_out": "it took longer than GitHub lets it",
    "startup_failure": "GitHub could not begin it: something is wrong in the workflow file",
    "skipped": "all of its jobs were skipped: nothing was done",
    "neutral": "it ended without saying whether it went well",
    "stale": "GitHub gave it up: it did not go on for too long",
}


@dataclass(frozen=True, slots=True)
class Ask:
    """A run to ask for: the workflow's file, the branch or tag it is read from, and what it is told."""

    workflow: str
    ref: str
    inputs: Mapping[str, str]


async def dispatch(client: Client, ask: Ask) -> Dispatched | None:
    """Ask for a run; return which one it is, or None where GitHub does not say."""
    path, about = f"/actions/workflows/{ask.workflow}/dispatches", f"workflow {ask.workflow} to run on {ask.ref}"
    asked = {"ref": ask.ref, "inputs": dict(ask.inputs)}
    try:
        return await client.post(_ANSWER, path, {**asked, "return_run_details": True}, about)
    except GaveUp as no:  # an Enterprise Server that does not know the question yet (before 3.21) refuses it unread
        if "return_run_details" not in no.reason:
            raise
        return await client.post(_ANSWER, path, asked, about)


def noted(statuses: Sequence[Status]) -> int | None:
    """Return the number of the run that a deployment's statuses lead to."""
    found = (match for one in statuses if (match := _RUN.search(one.log_url or "")))
    return next((int(match[1]) for match in found), None)


async def find(client: Client, workflow: str, mark: str, since: datetime) -> Run | None:
    """Return the run with a mark in its name, among those asked for since a time; of several, the first."""
    created = (since - _SKEW).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = f"/actions/workflows/{workflow}/runs?event=workflow_dispatch&created=%3E%3D{created}"
    listed = await client.pages(
        Run, path, f"workflow {workflow}", key="workflow_runs", sought=lambda run: has(run, mark)
    )
    return min((run for run in listed if has(run, mark)), key=lambda run: run.id, default=None)


async def get(client: Client, number: int) -> Run | None:
    """Return a run, or None when GitHub no longer has it, or does not have it yet."""
    try:
        return await client.get(Run, f"/actions/runs/{number}", f"run {number}")
    except Missing:
        return None


async def cancel(client: Client, run: Run, *, force: bool) -> None:
    """Ask GitHub to cancel a run; by force also what it would go on with all the same, such as ``if: always()``."""
    word = "force-cancel" if force else "cancel"
    await client.post(object, f"/actions/runs/{run.id}/{word}", {}, f"the {word} of run {run.run_number}")


async def jobs(client: Client, run: Run) -> list[Job]:
    """Return the jobs of a run's newest attempt."""
    return await client.pages(Job, f"/actions/runs/{run.id}/jobs?filter=latest", f"jobs of run {run.id}", key="jobs")


async def awaited(client: Client, run: Run) -> list[Awaited]:
    """Return the environments whose reviewers a run waits for."""
    return await client.get(list[Awaited], f"/actions/runs/{run.id}/pending_deployments", f"reviews of run {run.id}")


def has(run: Run, mark: str) -> bool:
    """Whether a run bears a mark."""
    return mark in run.display_title or mark in (run.name or "")


def is_of(run: Run, workflow: str) -> bool:
    """Whether it is a run of a workflow file."""
    return run.path.partition("@")[0].endswith(f"/{workflow}")


def goes_on(run: Run) -> bool:
    """Whether it has not ended. One that waits for a person's leave has, in GitHub's words, and goes on after it."""
    return run.status != "completed" or run.conclusion == "action_required"


def progress(run: Run, listed: Sequence[Job], waits_for: Sequence[Awaited]) -> str:
    """Say how far a run has come: which job, which of its steps, n of m."""
    if run.conclusion == "action_required":
        return f"run {run.run_number} waits until somebody with write access lets it run: {run.html_url}"
    if waits_for:
        return f"run {run.run_number} waits for a review: {' and '.join(map(_review, waits_for))}: {run.html_url}"
    job = next((one for one in listed if one.status == "in_progress"), None)
    if job is None:
        return f"run {run.run_number} is {run.status or 'asked for'}: no runner has taken {_next(listed)} yet"
    ended = sum(one.status == "completed" for one in job.steps)
    step = next((one for one in job.steps if one.status == "in_progress"), None)
    at = f"{job.name}: {step.name} (step {ended + 1} of {len(job.steps)})" if step else job.name
    place = f", job {1 + sum(one.status == 'completed' for one in listed)} of {len(listed)}" if len(listed) > 1 else ""
    return at + place


def _next(listed: Sequence[Job]) -> str:
    return next((one.name for one in listed if one.status != "completed"), "its first job")


def _review(one: Awaited) -> str:
    people = ", ".join(who.reviewer.login or who.reviewer.slug or who.reviewer.name or "?" for who in one.reviewers)
    return f"{one.environment.name or 'its environment'}{f' by {people}' if people else ''}"


def culprit(listed: Sequence[Job]) -> Job | None:
    """Return the job that a run failed by."""
    bad = {"failure": 0, "timed_out": 1, "cancelled": 2}
    return min((one for one in listed if one.conclusion in bad), key=lambda one: bad[str(one.conclusion)], default=None)


def ending(run: Run, job: Job | None, lines: Sequence[str], *, asked: bool = False) -> str:
    """Say why a run is no success: GitHub's conclusion, the job, its step, and the last it said.

    `asked` says that it was cancelled because Slipway asked for that.
    """
    why = "the run was cancelled" if asked else _WORDS.get(str(run.conclusion), f"it ended as {run.conclusion}")
    if job is None:
        return f"run {run.run_number}: {why}"
    step = next((one.name for one in job.steps if one.conclusion not in {"success", "skipped", None}), None)
    where = f"job {job.name}" + (f", step {step}" if step else "")
    told = why if run.conclusion != "failure" else "it failed"
    return f"run {run.run_number}, {where}: {told}" + "".join(f"\n{line}" for line in lines)
