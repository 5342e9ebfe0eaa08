"""What has changed since a plan was drawn, in words for people: why it may not be followed any more."""

from textwrap import shorten

from bot.domain.operation import Kind
from bot.domain.plan import MOST_COMMITS, Plan, PlannedOperation, PlannedRelease
from bot.domain.standing import Glance, Hold
from bot.domain.target import Target


def outdated(old: Plan, new: Plan) -> list[str]:
    """Say in a sentence each why a plan may not be followed any more; `new` is the same, drawn now.

    What people approved must be what is done, to the letter. Where nobody approves, it must not do harm: a newer commit
    than when it was planned may be live by now, but none that it would take away.
    """
    if old.approvals:
        return differences(old, new)
    found = _policy_differences(old, new)
    for op, now, target in _pairs(old, new):
        found += (
            _gone(target) if now is None else [*_overtaken_on(old.kind, op, now, target), *_held_on(old.kind, op, now)]
        )
    return found


def differences(old: Plan, new: Plan) -> list[str]:
    """Say in a sentence each what a plan made now would do otherwise than the old one."""
    found = _policy_differences(old, new)
    if old.on_failure != new.on_failure:
        found.append("What happens after a failure has changed.")
    for op, now, target in _pairs(old, new):
        found += _gone(target) if now is None else [*_differences_on(op, now, target), *_held_on(old.kind, op, now)]
    return found


def _pairs(old: Plan, new: Plan) -> list[tuple[PlannedOperation, PlannedOperation | None, Target]]:
    fresh = {op.service: op for op in new.operations}
    return [(op, fresh.get(op.service), Target(op.service, old.environment)) for op in old.operations]


def _policy_differences(old: Plan, new: Plan) -> list[str]:
    """Say that others would have to approve now than when the plan was drawn, if it is so."""
    same = (old.approvals, old.approvers) == (new.approvals, new.approvers)
    return [] if same else ["The approval policy has changed."]


def _gone(target: Target) -> list[str]:
    return [f"{target} is no longer in the catalog."]


def _overtaken_on(kind: Kind, op: PlannedOperation, now: PlannedOperation, target: Target) -> list[str]:
    seen = now.seen or Glance()
    if kind is Kind.DEPLOY and seen.unknown is not None:
        return []  # it waits in line until somebody has said what is live
    if not overtaken(kind, op, now.before, seen):
        return []
    behind = ", which this would take away" if kind is Kind.DEPLOY else ""
    return [f"{target} {_ran(op, now)}{behind}."]


def _held_on(kind: Kind, op: PlannedOperation, now: PlannedOperation) -> list[str]:
    return [barred(op, now.held)] if kind.brings and now.held is not None and not named(op, now.held) else []


def _differences_on(op: PlannedOperation, now: PlannedOperation, target: Target) -> list[str]:
    found = []
    if _artefact(op.before) != _artefact(now.before):
        found.append(f"{target} {_ran(op, now)}.")
    if _artefact(op.to) != _artefact(now.to):
        found.append(f"{target}: {op.to.version} is not the artefact it was ({_short(op.to)} → {_short(now.to)}).")
    if op.steps != now.steps:
        found.append(f"{target}: the steps have changed in the catalog.")
    if op.config != now.config:
        found.append(f"{target}: its configuration has changed in the catalog.")
    return found


def _ran(op: PlannedOperation, now: PlannedOperation) -> str:
    then, today = (one.version if one else "nothing" for one in (op.before, now.before))
    if now.seen is not None and now.seen.unknown is not None:
        return f"ran {then} when this was planned; whether it runs {today} now is unknown"
    return f"ran {then} when this was planned; it runs {today} now"


def named(op: PlannedOperation, hold: Hold) -> bool:
    """Whether the release was named in spite of this very hold, and not before it was placed."""
    return op.held is not None and op.held.id == hold.id


def barred(op: PlannedOperation, hold: Hold) -> str:
    """Say that a release has been held off its target since it was planned to go there, and what one may do."""
    return (
        f"{op.to.version} has been rolled back from {hold.target} since this was planned (change {hold.change_id}: "
        f"“{shorten(hold.reason, 200, placeholder='…')}”). To bring it back all the same, name it again: "
        f"/deploy {hold.target.environment} {hold.target.service} {op.to.version}"
    )


def overtaken(kind: Kind, op: PlannedOperation, live: PlannedRelease | None, now: Glance) -> bool:
    """Whether what is live now went there since the plan was drawn, and would be taken away by an older decision.

    A rollback leaves, and a restart keeps, what its person saw, and nothing else. A deploy goes on over what it brings
    along anyway.
    """
    seen = op.seen or Glance(live=op.before.id if op.before else None)
    if kind is not Kind.DEPLOY:
        return not seen.still(now)
    known = {op.to.id, op.before.id if op.before else None, seen.live, seen.bringing}
    return live is not None and live.id not in known and not _brings(op, live)


def _brings(op: PlannedOperation, live: PlannedRelease) -> bool:
    """Whether a release contains another one: by the commits it brings, or by time where they are not all known."""
    if op.backwards or (op.before is not None and op.before.id == op.to.id):
        return False
    if any(commit.id == live.commit for commit in op.commits):
        return True
    all_known = op.before is not None and 0 < len(op.commits) < MOST_COMMITS
    return not all_known and op.to.at is not None and live.at is not None and op.to.at > live.at


def _artefact(release: PlannedRelease | None) -> tuple[int, str, str | None] | None:
    """Return what a release is, whatever it is called: a tag that was set since changes nothing."""
    return (release.id, release.commit, release.digest) if release else None


def _short(release: PlannedRelease) -> str:
    return release.digest.removeprefix("sha256:")[:12] if release.digest else "not built"
