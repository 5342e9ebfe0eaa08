"""Drawing plans: from picked releases to a frozen plan, and again at the start, to see if it still fits the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.errors import GaveUp, Retry
from bot.domain.operation import Kind
from bot.domain.plan import Plan, PlannedCommit, PlannedOperation, PlannedRelease, PlannedStep
from bot.domain.release import Commit, Release
from bot.domain.target import Target
from bot.ledger import releases, targets
from bot.ledger.ledger import Tx
from bot.plugins import introduced
from bot.stepkind import StepKind
from bot.usecases.picking import Pick, live
from bot.world import World

MOST_COMMITS = 50  # in a plan; the card shows fewer


def step_kinds() -> dict[str, StepKind]:
    """Return the kinds of steps that were found, by their word."""
    return {kind.name: kind for kind in introduced("bot.steps", "STEP", StepKind)}


async def draw(world: World, kind: Kind, environment: str, picks: Sequence[Pick]) -> Plan:
    """Draw the plan that brings picked releases to their targets."""
    operations = [await _operation(world, kind, pick) for pick in picks]
    return replace(_head(world, kind, environment), operations=tuple(operations))


def _head(world: World, kind: Kind, environment: str) -> Plan:
    """Return a plan of an environment that does nothing yet: what holds for all of its operations."""
    policy = world.catalog.policy(environment) if kind is Kind.DEPLOY else None
    return Plan(
        kind=kind,
        environment=environment,
        operations=(),
        approvals=policy.approvals if policy else 0,
        approvers=tuple(policy.from_) if policy else (),
        on_failure=world.catalog.environment(environment).on_failure,
    )


async def redraw(world: World, plan: Plan) -> Plan:
    """Draw a plan anew for the same releases, from the ledger and the catalog as they are now.

    What only informs people (the commits between) is taken over.
    """
    async with world.ledger.transaction() as tx:
        return (await redrawn(world, tx, plan)).plan


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A plan drawn anew, and the releases it was drawn from, by number: what goes, and what is live."""

    plan: Plan
    releases: Mapping[int, Release]


async def redrawn(world: World, tx: Tx, plan: Plan) -> Redrawn:
    """Do the same within a transaction."""
    live = await targets.taken_for_live(tx, plan.environment)
    found = await releases.some(tx, [*(old.to.id for old in plan.operations), *live.values()])
    fresh = _head(world, plan.kind, plan.environment)
    now = [_again(world, plan, old, found, live) for old in plan.operations]
    return Redrawn(replace(fresh, operations=tuple(one for one in now if one is not None)), found)


def _again(
    world: World, plan: Plan, old: PlannedOperation, found: Mapping[int, Release], live: Mapping[str, int]
) -> PlannedOperation | None:
    """Return one operation of a plan as it would be planned now, or None when its target or release is gone."""
    place, release = world.catalog.environments.get(plan.environment), found.get(old.to.id)
    if release is None or place is None or old.service not in place.targets:
        return None
    before = found[live[old.service]] if old.service in live else None
    fresh = _frozen(world, plan.kind, Pick(Target(old.service, plan.environment), release), before)
    return replace(fresh, commits=old.commits, backwards=old.backwards)


async def _operation(world: World, kind: Kind, pick: Pick) -> PlannedOperation:
    async with world.ledger.transaction() as tx:
        before = await live(tx, pick.target)
    frozen = _frozen(world, kind, pick, before)
    commits, backwards = await _between(world, pick, before)
    return replace(frozen, commits=tuple(_planned(commit) for commit in commits), backwards=backwards)


def _frozen(world: World, kind: Kind, pick: Pick, before: Release | None) -> PlannedOperation:
    return PlannedOperation(
        service=pick.target.service,
        to=_release(pick.release),
        before=_release(before) if before else None,
        steps=_steps(world, kind, pick.target),
        config=world.catalog.snapshot(pick.target),
    )


def _release(release: Release) -> PlannedRelease:
    return PlannedRelease(release.id, release.version, release.commit.id, release.digest)


def _steps(world: World, kind: Kind, target: Target) -> tuple[PlannedStep, ...]:
    kinds = step_kinds()
    steps = world.catalog.target(target).steps
    taken = [step for step in steps if kind is Kind.DEPLOY or kinds[step.word].in_rollback(step.options)]
    return tuple(
        PlannedStep(
            step.word, getattr(step.options, "name", step.word), step.options.model_dump(mode="json", by_alias=True)
        )
        for step in taken
    )


async def _between(world: World, pick: Pick, before: Release | None) -> tuple[Sequence[Commit], bool]:
    """Return the commits between what is live and the pick, and whether they would be taken away."""
    source, service, new = world.sources[pick.target.service], pick.target.service, pick.release.commit.id
    if before is None:
        return [pick.release.commit], False
    try:
        ahead = await source.between(service, before.commit.id, new)
        if ahead:
            return ahead[:MOST_COMMITS], False
        behind = await source.between(service, new, before.commit.id)
        return behind[:MOST_COMMITS], bool(behind)
    except (Retry, GaveUp):
        return [], False  # better none than wrong ones; a plan does not depend on what only informs


def _planned(commit: Commit) -> PlannedCommit:
    return PlannedCommit(commit.id, commit.author, commit.subject, commit.at.isoformat())
