"""The lines that say what a plan brings or takes away, for the cards and the previews."""

from bot.domain.plan import PlannedCommit, PlannedOperation
from bot.views.kit import isolated

FEW_COMMITS = 5


def commits(planned: PlannedOperation) -> list[str]:
    """Return the commits between from and to, the newest few of them, as one text; nothing where there are none."""
    if not planned.commits:
        return ["The same content as what is live."] if planned.before else []
    sign = "−" if planned.backwards else "•"
    lines = ["Takes away:"] if planned.backwards else []
    lines += [f"{sign} {_commit(commit)}" for commit in planned.commits[:FEW_COMMITS]]
    more = len(planned.commits) - FEW_COMMITS
    return ["\n".join([*lines, *([f"… and {more} more"] if more > 0 else [])])]


def _commit(commit: PlannedCommit) -> str:
    return f"{commit.id[:7]} {isolated(commit.subject, 100)} – {isolated(commit.author, 40)}"
