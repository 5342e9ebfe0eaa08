"""Which release a person means: the newest on the branch, a named one, or, where artefacts are promoted, a good one.

Production promotes and never rebuilds: a release may go there when this very artefact was live and good in the
environment that is promoted from, and its commit, or one with the same tree, is on the environment's branch.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import Refused
from bot.domain.operation import State
from bot.domain.release import Candidate, Release
from bot.domain.target import Target
from bot.ledger import operations, releases, targets
from bot.ledger.ledger import Tx
from bot.world import World


@dataclass(frozen=True, slots=True)
class Pick:
    """A release for a target, and why it may go there."""

    target: Target
    release: Release
    good_since: datetime | None = None


async def live(tx: Tx, target: Target) -> Release | None:
    """Return the release that the ledger takes to be live on a target.

    While an operation is unknown there, that is what it was bringing: it is what a rollback would leave.
    """
    holder = await operations.holder(tx, target)
    if holder is not None and holder.state is State.UNKNOWN:
        return await releases.get(tx, holder.to_release)
    known = await targets.live(tx, target)
    return await releases.get(tx, known.release_id) if known and known.release_id else None


class Unknown(Refused):
    """A service has no version, branch or commit by the word that somebody typed."""


async def live_release(world: World, target: Target) -> Release | None:
    """Return the same, in a transaction of its own."""
    async with world.ledger.transaction() as tx:
        return await live(tx, target)


async def newest(world: World, target: Target) -> Pick | str:
    """Return the newest release that a target should run, or a sentence that says why there is none."""
    environment = world.catalog.environment(target.environment)
    current = await live_release(world, target)
    if environment.promotes:
        return await _newest_good(world, target, current)
    candidate = await world.sources[target.service].latest(target.service, environment.branch)
    if candidate is None:
        return f"{target.service}: there is nothing on branch {environment.branch}."
    async with world.ledger.transaction() as tx:
        release = await releases.remember(tx, candidate)
        held = (await targets.holds_on(tx, target)).get(release.id)
    if current and current.id == release.id:
        return f"{target.service} {release.version} is live and the newest on {environment.branch}."
    if held:
        return (
            f"{target.service} {release.version} was rolled back from {target.environment} because “{held.reason}”; "
            f"to bring it back name it: `/deploy {target.environment} {target.service} {release.version}`."
        )
    return Pick(target, release)


async def named(world: World, target: Target, word: str) -> Pick:
    """Return the release that a person named for a target; `Refused` with what is missing when it may not go there."""
    environment = world.catalog.environment(target.environment)
    candidate = await world.sources[target.service].find(target.service, word)
    if candidate is None:
        raise Unknown(f"{target.service} has no version, branch or commit “{word}”.")
    if environment.promotes:
        return await _promotable(world, target, candidate)
    async with world.ledger.transaction() as tx:
        release = await releases.remember(tx, candidate)
    return Pick(target, release)


async def _good(world: World, target: Target) -> list[tuple[Release, datetime]]:
    """Return what was good where the target is promoted from, newest commit first, without what was found faulty."""
    origin = Target(target.service, world.catalog.environment(target.environment).promotes or target.environment)
    async with world.ledger.transaction() as tx:
        good = await releases.good_on(tx, origin.service, origin.environment)
        faulty = await targets.holds_on(tx, origin)
    fit = [(release, since) for release, since in good if release.built and release.id not in faulty]
    return sorted(fit, key=lambda one: one[0].commit.at, reverse=True)


async def _newest_good(world: World, target: Target, current: Release | None) -> Pick | str:
    environment = world.catalog.environment(target.environment)
    good = await _good(world, target)
    async with world.ledger.transaction() as tx:
        held = await targets.holds_on(tx, target)
    skipped = []
    for release, since in good:
        if current and release.commit.at <= current.commit.at:
            break
        if release.id in held:
            skipped.append(f"{release.version} was rolled back from {target.environment}")
        elif not await _on_branch(world, target, release):
            skipped.append(f"{release.version} is good in {environment.promotes} but not on {environment.branch}")
        else:
            return Pick(target, release, since)
    return _nothing(target, environment.promotes or "", current, skipped)


def _nothing(target: Target, origin: str, current: Release | None, skipped: list[str]) -> str:
    if skipped:
        return f"{target.service}: {'; '.join(skipped)}."
    if current:
        return f"{target.service} {current.version} is live, and nothing newer has been good in {origin}."
    return f"{target.service}: no release has been live and good in {origin} yet; deploy it there first."


async def _on_branch(world: World, target: Target, release: Release) -> bool:
    branch = world.catalog.environment(target.environment).branch
    source = world.sources[target.service]
    return await source.contains(target.service, branch, commit=release.commit.id, tree=release.tree)


async def _promotable(world: World, target: Target, candidate: Candidate) -> Pick:
    environment = world.catalog.environment(target.environment)
    for release, since in await _good(world, target):
        if release.commit.id == candidate.commit.id or release.tree == candidate.tree:
            if await _on_branch(world, target, release):
                return Pick(target, release, since)
            raise Refused(
                f"{target.service} {release.version} is good in {environment.promotes}, but neither commit "
                f"{release.commit.short} nor one with the same content is on {environment.branch}: merge it first."
            )
    raise Refused(
        f"{target.service} {candidate.version} ({candidate.commit.short}) has not been live and good in "
        f"{environment.promotes}: deploy it there first. {target.environment.capitalize()} runs only what was."
    )


async def still_promotable(world: World, target: Target, release: Release) -> str | None:
    """Say why a release may no longer be promoted to a target, or None when it still may."""
    environment = world.catalog.environment(target.environment)
    if environment.promotes is None:
        return None
    if all(release.id != one.id for one, _ in await _good(world, target)):
        return f"{release.version} no longer counts as good in {environment.promotes}"
    if not await _on_branch(world, target, release):
        return f"{release.version} is no longer on {environment.branch}"
    return None
