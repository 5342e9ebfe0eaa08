"""Who may approve what: pure rules over a policy, a change and the people in its teams."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.change import Change, State
from bot.domain.errors import Refused


@dataclass(frozen=True, slots=True)
class Policy:
    """How many of which teams must say yes, and for how long the question stays open."""

    approvals: int
    teams: tuple[str, ...]
    expires: timedelta


def lapsed(change: Change, *, members: Mapping[str, frozenset[str]]) -> list[str]:
    """Return who said yes to a change and is in none of its approver teams any more."""
    have_say = frozenset[str]().union(*members.values())
    return sorted(change.approved_by - have_say)


def check_vote(change: Change, person: str, *, members: Mapping[str, frozenset[str]], now: datetime) -> None:
    """Refuse a vote that does not count; `members` maps each of the plan's approver teams to its people."""
    if change.state is not State.WAITING:
        raise Refused(f"Change {change.id} no longer waits for approval: it is {change.state.replace('_', ' ')}.")
    if change.expires_at is not None and now >= change.expires_at:
        raise Refused(f"Change {change.id} expired before this vote; ask for it again.")
    teams = " or ".join(change.plan.approvers)
    if not any(person in people for people in members.values()):
        raise Refused(f"Only {teams} may decide on change {change.id}, and you are not in {teams}.")


def check_approval(change: Change, person: str, *, members: Mapping[str, frozenset[str]], now: datetime) -> None:
    """Refuse a yes that does not count: a vote that would not, one's own change, or a second vote."""
    check_vote(change, person, members=members, now=now)
    if person == change.asked_by:
        raise Refused(f"You asked for change {change.id}, so somebody else has to approve it.")
    if person in change.approved_by:
        missing = change.approvals_needed - len(change.approved_by)
        raise Refused(f"You have approved change {change.id} already; it waits for {missing} more.")
