"""What others have said of a commit at GitHub: check runs, commit statuses, reviews of its pull request, scanners.

Each is a `Check` by its newest run. Only a success is a pass: what was skipped, cancelled or never came is none.
"""

from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime

from bot.domain.check import Check, Conclusion
from integrations._github.client import Client
from integrations._github.scans import scans
from integrations._github.shapes import CheckRun, CommitStatus, Pull, Review
from integrations._github.words import Forbidden

REVIEW = "review"
_RUNS = {
    "success": Conclusion.PASSED,
    "failure": Conclusion.FAILED,
    "timed_out": Conclusion.FAILED,
    "action_required": Conclusion.FAILED,
    "startup_failure": Conclusion.FAILED,
}
_STATUSES = {"success": Conclusion.PASSED, "failure": Conclusion.FAILED, "error": Conclusion.FAILED}
_HAVE_A_SAY = ("OWNER", "MEMBER", "COLLABORATOR")  # anybody who can read a repository can approve
_VERDICTS = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
_NEVER = datetime.min.replace(tzinfo=UTC)

Dated = tuple[datetime, Check]


async def opinions(client: Client, commit: str, fails_at: str) -> list[Check]:
    """Return every check of a commit, by name. What the secret does not show is there too, and says so."""
    dated = [
        *await _shown("check runs", _check_runs(client, commit)),
        *await _shown("statuses", _statuses(client, commit)),
    ]
    newest = {check.name: check for _, check in sorted(dated, key=lambda one: one[0])}
    others = [
        *await _shown("reviews", _reviews(client, commit)),
        *await _shown("code-scanning", _scans(client, commit, fails_at)),
    ]
    return [*newest.values(), *(check for _, check in others)]


async def _shown(name: str, asked: Awaitable[list[Dated]]) -> list[Dated]:
    try:
        return await asked
    except Forbidden as no:
        return [(_NEVER, Check(name, Conclusion.NONE, no.reason))]


async def _check_runs(client: Client, commit: str) -> list[Dated]:
    path = f"/commits/{commit}/check-runs?filter=latest"
    listed = await client.pages(CheckRun, path, f"check runs of {commit[:7]}", key="check_runs")
    return [(run.started_at or _NEVER, of_run(run)) for run in sorted(listed, key=lambda run: run.id)]


def of_run(run: CheckRun) -> Check:
    """Say what a check run means."""
    ended = run.status == "completed"
    conclusion = _RUNS.get(str(run.conclusion), Conclusion.NONE) if ended else Conclusion.PENDING
    words = run.output.title or (run.conclusion if ended else run.status) or ""
    return Check(run.name, conclusion, words, run.html_url or "")


async def _statuses(client: Client, commit: str) -> list[Dated]:
    listed = await client.pages(CommitStatus, f"/commits/{commit}/statuses", f"statuses of {commit[:7]}")
    return [(one.updated_at or _NEVER, of_status(one)) for one in sorted(listed, key=lambda one: one.id)]


def of_status(one: CommitStatus) -> Check:
    """Say what a commit status means."""
    conclusion = _STATUSES.get(one.state, Conclusion.PENDING)
    return Check(one.context, conclusion, one.description or one.state, one.target_url or "")


async def _scans(client: Client, commit: str, fails_at: str) -> list[Dated]:
    return [(_NEVER, check) for check in await scans(client, commit, fails_at)]


async def _reviews(client: Client, commit: str) -> list[Dated]:
    pulls = await client.pages(Pull, f"/commits/{commit}/pulls", f"pull requests of {commit[:7]}")
    if not pulls:
        return []
    pull = max(pulls, key=lambda one: (one.merged_at is not None, one.merged_at or _NEVER, one.number))
    listed = await client.pages(Review, f"/pulls/{pull.number}/reviews", f"reviews of #{pull.number}")
    return [(_NEVER, of_reviews(pull, listed))]


def of_reviews(pull: Pull, listed: Sequence[Review]) -> Check:
    """Say what reviews of a pull request mean: each person's last word counts, and a yes only to its newest commit.

    Only the owner, members and collaborators are heard; who else approved is named where nobody of them did.
    """
    last: dict[str, Review] = {}
    strangers: list[str] = []
    for review in sorted(listed, key=lambda one: one.id):
        who = (review.user and review.user.login) or "somebody who is gone"
        if review.author_association not in _HAVE_A_SAY:
            strangers += [who] if review.state == "APPROVED" and who not in strangers else []
        elif review.state in _VERDICTS:
            last[who] = review
    against = [who for who, review in last.items() if review.state == "CHANGES_REQUESTED"]
    approved = {who: review for who, review in last.items() if review.state == "APPROVED"}
    in_favour = [who for who, review in approved.items() if review.commit_id == pull.head.sha]
    if against:
        words, conclusion = f"{', '.join(against)} asked for changes", Conclusion.FAILED
    elif in_favour:
        words, conclusion = f"approved by {', '.join(in_favour)}", Conclusion.PASSED
    elif approved:
        words, conclusion = f"changed since {', '.join(approved)} approved it", Conclusion.PENDING
    elif strangers:
        heard = "who is neither a member nor a collaborator"
        words, conclusion = f"approved only by {', '.join(strangers)}, {heard}", Conclusion.PENDING
    else:
        words, conclusion = "nobody has approved it", Conclusion.PENDING
    return Check(REVIEW, conclusion, f"#{pull.number}: {words}", pull.html_url)
