"""Which release a person means: the newest on the branch, a named one, or, where artefacts are promoted, a good one.

Production promotes and never rebuilds: a release may go there when this very artefact was live and good in the
environment that is promoted from, and its commit, or one with the same tree, is on the environment's branch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.errors import GaveUp, Refused, Retry
from bot.domain.operation import State
from bot.domain.release import Candidate, Commit, Release, newest_first
from bot.domain.standing import Glance, Hold
from bot.domain.target import Target
from bot.ledger import releases, succession, targets
from bot.ledger.ledger import Tx
from bot.usecases import drifting
from bot.world import World


@dataclass(frozen=True, slots=True)
class Pick:
    """A release for a target, and why it may go there.

    `held` is the hold on it that whoever named it knew of; `left` what is to be left for it, where that is not just
    what is live.
    """

    target: Target
    release: Release
    good_since: datetime | None = None
    held: Hold | None = None
    left: Glance | None = None


async def live(tx: Tx, target: Target) -> Release | None:
    """Return the release that the ledger takes to be live on a target; see `Glance`."""
    number = (await targets.glance(tx, target)).release
    return await releases.get(tx, number) if number is not None else None


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
    candidate = await world.source(target.service).latest(target.service, environment.branch)
    if candidate is None:
        return f"{target.service}: there is nothing on branch {environment.branch}."
    async with world.ledger.transaction() as tx:
        release = await releases.remember(tx, _covered(world, candidate))
        hold = (await targets.holds_on(tx, target)).get(release.id)
    if current and current.id == release.id:
        return await _already(world, target, release)
    return held_off(target, release, hold) if hold else Pick(target, release)


async def _already(world: World, target: Target, release: Release) -> str:
    """Say that the newest is live, and, where it failed and was left running, what one may do."""
    looked = await drifting.check(world, target, release)
    if looked.wrong:
        return looked.wrong
    async with world.ledger.transaction() as tx:
        op = await succession.owner(tx, target)
    if op is None or op.state is not State.FAILED:
        branch = world.catalog.environment(target.environment).branch
        return f"{target.service} {release.version} {looked.live} and the newest on {branch}."
    again = f"`/deploy {target.environment} {target.service} {release.version}`"
    return (
        f"{target.service} {release.version} is the newest and runs there, but it failed (change {op.change_id}) and "
        f"was left running. To try it again name it: {again}; "
        f"to leave it: `/rollback {target.environment} {target.service}`."
    )


def covered(world: World, commit: Commit) -> Commit:
    """Return a commit without the secrets that somebody wrote into its message."""
    return replace(commit, author=world.mask(commit.author), subject=world.mask(commit.subject))


def _covered(world: World, candidate: Candidate) -> Candidate:
    version, branch = world.mask(candidate.version), world.mask(candidate.branch)
    return replace(candidate, version=version, branch=branch, commit=covered(world, candidate.commit))


def held_off(target: Target, release: Release, hold: Hold, when: str = "") -> str:
    """Say that a release is held off a target, and how one brings it back all the same."""
    return (
        f"{target.service} {release.version} was rolled back from {target.environment}{when} because “{hold.reason}”; "
        f"to bring it back name it: `/deploy {target.environment} {target.service} {release.version}`."
    )


async def named(world: World, target: Target, word: str) -> Pick:
    """Return the release that a person named for a target; `Refused` with what is missing when it may not go there.

    Who names a branch, takes what is newest on it, and has not named that.
    """
    environment = world.catalog.environment(target.environment)
    candidate = await world.source(target.service).find(target.service, word)
    if candidate is None:
        raise Unknown(f"{target.service} has no version, branch or commit “{word}”.")
    if environment.promotes:
        pick = await _promotable(world, target, candidate)
    else:
        async with world.ledger.transaction() as tx:
            pick = Pick(target, await releases.remember(tx, _covered(world, candidate)))
    async with world.ledger.transaction() as tx:
        hold = (await targets.holds_on(tx, target)).get(pick.release.id)
    if hold and word == candidate.branch:
        raise Refused(held_off(target, pick.release, hold))
    return replace(pick, held=hold)


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
    good = {release.id: (release, since) for release, since in await _good(world, target)}
    async with world.ledger.transaction() as tx:
        held = await targets.holds_on(tx, target)
    skipped = []
    for number in await _after(world, target, current, [release for release, _ in good.values()]):
        release, since = good[number]
        if release.id in held:
            again = f"`/deploy {target.environment} {target.service} {release.version}`"
            skipped.append(
                f"{release.version} was rolled back from {target.environment}; to bring it back name it: {again}"
            )
        elif not await _on_branch(world, target, release):
            skipped.append(f"{release.version} is good in {environment.promotes} but not on {environment.branch}")
        else:
            return Pick(target, release, since)
    if current and not skipped:
        looked = await drifting.check(world, target, current)
        live = f"{target.service} {current.version} {looked.live}, and nothing newer has been good in"
        return looked.wrong or f"{live} {environment.promotes}."
    return _nothing(target, environment.promotes or "", skipped)


async def _after(world: World, target: Target, current: Release | None, good: Sequence[Release]) -> list[int]:
    """Return the numbers of the releases that come after the current one, newest first."""
    every = {one.id: one for one in ([current] if current else []) + list(good)}
    try:
        order = await world.source(target.service).order(target.service, [one.commit.id for one in every.values()])
    except (Retry, GaveUp):
        order = []  # their times are all that is known, then
    numbers = [one.id for one in newest_first(list(every.values()), order)]
    return numbers[: numbers.index(current.id)] if current else numbers


def _nothing(target: Target, origin: str, skipped: list[str]) -> str:
    if skipped:
        return f"{target.service}: {'; '.join(skipped)}."
    return f"{target.service}: no release has been live and good in {origin} yet; deploy it there first."


async def _on_branch(world: World, target: Target, release: Release) -> bool:
    branch = world.catalog.environment(target.environment).branch
    source = world.source(target.service)
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
