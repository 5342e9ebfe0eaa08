"""The lines that say what a plan brings or takes away, and what is not in it, for the cards and the previews."""

from collections.abc import Mapping, Sequence

from bot.domain.crossing import way_out, what_ran
from bot.domain.operation import Kind
from bot.domain.plan import Plan, PlannedCommit, PlannedOperation
from bot.views.kit import Block, code, isolated, literal, moment, outside, section, small

FEW_COMMITS, FEW_REASONS = 5, 5


def deed(kind: Kind, environment: str) -> str:
    """Say what a plan is for: `Deploy to staging`."""
    match kind:
        case Kind.DEPLOY:
            return f"Deploy to {environment}"
        case Kind.ROLLBACK:
            return f"Roll back {environment}"
        case Kind.RESTART:
            return f"Restart in {environment}"


def commits(planned: PlannedOperation) -> list[str]:
    """Return the commits between from and to, the newest few of them, as one text; nothing where there are none."""
    if not planned.commits:
        return ["The same content as what is live."] if planned.before else []
    sign = "−" if planned.backwards else "•"
    lines = ["Takes away:"] if planned.backwards else []
    lines += [f"{sign} {_commit(commit)}" for commit in planned.commits[:FEW_COMMITS]]
    more = len(planned.commits) - FEW_COMMITS
    return ["\n".join([*lines, *([f"… and {more} more"] if more > 0 else [])])]


def left_out(reasons: Sequence[str]) -> list[Block]:
    """Return why services are not in the plan, the first few of them, as they were told when it was drawn."""
    if not reasons:
        return []
    more = len(reasons) - FEW_REASONS
    shown = [*reasons[:FEW_REASONS], *([f"… and {more} more."] if more > 0 else [])]
    return [small("\n".join(["Not in this plan:", *shown] if len(shown) > 1 else [f"Not in this plan: {shown[0]}"]))]


def across(planned: PlannedOperation) -> list[Block]:
    """Say which irreversible migrations lie between, and how the data from before them comes back."""
    crossed = planned.across
    if not crossed:
        return []
    return [literal(f"⚠️ This goes back across a migration. {what_ran(crossed)}\n{way_out(crossed)}")]


def _commit(commit: PlannedCommit) -> str:
    return f"{commit.id[:7]} {isolated(commit.subject, 100)} – {isolated(commit.author, 40)}"


def holders(plan: Plan) -> list[str]:
    """Return the people whose holds a plan goes over, for their names."""
    return [op.held.by for op in plan.operations if op.held is not None and op.held.by != "engine"]


def held(planned: PlannedOperation, names: Mapping[str, str]) -> list[Block]:
    """Say that the release was rolled back from there once: since when it is held, by whom, why, what follows now."""
    hold = planned.held
    if hold is None:
        return []
    by = "Slipway" if hold.by == "engine" else outside(names.get(hold.by, hold.by), 80)
    head = f"⚠️ {code(planned.to.version)} has been held off here since {moment(hold.at)}: {by} rolled back from it"
    why = f"(change {hold.change_id}): “{outside(hold.reason, 500)}”"
    return [section(f"{head} {why}\nIt was named all the same. When it goes well, the hold is lifted.")]
