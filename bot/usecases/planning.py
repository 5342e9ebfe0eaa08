"""Drawing plans: from picked releases to a frozen plan, and again at the start, to see if it still fits the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from bot.domain.errors import GaveUp, Retry
from bot.domain.operation import Kind
from bot.domain.plan import MOST_COMMITS, Plan, PlannedCommit, PlannedOperation, PlannedRelease, PlannedStep
from bot.domain.release import Commit, Release
from bot.domain.target import Target
from bot.ledger import crossings, releases, targets
from bot.ledger.ledger import Tx
from bot.ledger.statement import Said
from bot.plugins import introduced
from bot.stepkind import StepKind
from bot.usecases.picking import Pick, covered
from bot.world import World


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


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A plan drawn anew, and the releases it is about, by number: what goes, and what is live."""

    plan: Plan
    releases: Mapping[int, Release]


async def redraw(world: World, plan: Plan) -> Plan:
    """Draw a plan anew for the same releases, from the ledger and the catalog as they are now.

    What only informs people (the commits between, the migrations in the way) is taken over; what is no longer in the
    catalog is left out.
    """
    async with world.ledger.transaction() as tx:
        return (await redrawn(world, tx, plan)).plan


def asking(plan: Plan) -> list[Said]:
    """Return what `redrawn` asks the ledger, to be read ahead."""
    there = [Target(old.service, plan.environment) for old in plan.operations]
    return [releases.asking_some(_numbers(plan)), *(said for target in there for said in targets.asking(target))]


def _numbers(plan: Plan) -> list[int]:
    return [one.id for old in plan.operations for one in (old.to, old.before) if one]


async def redrawn(world: World, tx: Tx, plan: Plan) -> Redrawn:
    """Do the same within a transaction."""
    if plan.environment not in world.catalog.environments:
        return Redrawn(replace(plan, operations=()), {})
    known = await releases.some(tx, _numbers(plan))
    drawn = []
    for old in plan.operations:
        target, release = Target(old.service, plan.environment), known.get(old.to.id)
        if release is not None and world.catalog.knows(target):
            pick = Pick(target, release, held=(await targets.holds_on(tx, target)).get(release.id))
            fresh, before = await _frozen(world, tx, plan.kind, pick, known)
            drawn.append(replace(fresh, commits=old.commits, backwards=old.backwards, across=old.across))
            known |= {before.id: before} if before else {}
    return Redrawn(replace(_head(world, plan.kind, plan.environment), operations=tuple(drawn)), known)


async def _operation(world: World, kind: Kind, pick: Pick) -> PlannedOperation:
    async with world.ledger.transaction() as tx:
        frozen, before = await _frozen(world, tx, kind, pick, {})
        number, back = pick.release.id, kind is Kind.ROLLBACK
        across = (await crossings.between(tx, pick.target, [number], strangers=back))[number]
    commits, backwards = await _between(world, pick, before)
    planned = tuple(_planned(covered(world, commit)) for commit in commits)
    return replace(frozen, commits=planned, backwards=backwards, across=across or None)


async def _frozen(
    world: World, tx: Tx, kind: Kind, pick: Pick, known: Mapping[int, Release]
) -> tuple[PlannedOperation, Release | None]:
    """Return an operation without its commits, and the release that is there before it; some are `known` already."""
    seen = pick.left or await targets.glance(tx, pick.target)
    before = known.get(seen.release) if seen.release is not None else None
    if before is None and seen.release is not None:
        before = await releases.get(tx, seen.release)
    planned = PlannedOperation(
        service=pick.target.service,
        to=PlannedRelease.of(pick.release),
        before=PlannedRelease.of(before) if before else None,
        steps=_steps(world, kind, pick.target),
        config=world.catalog.snapshot(pick.target),
        seen=seen,
        held=pick.held,
    )
    return planned, before


def _steps(world: World, kind: Kind, target: Target) -> tuple[PlannedStep, ...]:
    kinds = step_kinds()
    steps = world.catalog.target(target).steps
    taken = [step for step in steps if _takes(kind, kinds[step.word], step.options)]
    return tuple(
        PlannedStep(
            step.word, getattr(step.options, "name", step.word), step.options.model_dump(mode="json", by_alias=True)
        )
        for step in taken
    )


def _takes(kind: Kind, step: StepKind, options: BaseModel) -> bool:
    match kind:
        case Kind.DEPLOY:
            return True
        case Kind.ROLLBACK:
            return step.in_rollback(options)
        case Kind.RESTART:
            return step.in_restart


async def _between(world: World, pick: Pick, before: Release | None) -> tuple[Sequence[Commit], bool]:
    """Return the commits between what is live and the pick, and whether they would be taken away."""
    source, service, new = world.source(pick.target.service), pick.target.service, pick.release.commit.id
    if before is None:
        return [pick.release.commit], False
    if before.id == pick.release.id:
        return [], False
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
