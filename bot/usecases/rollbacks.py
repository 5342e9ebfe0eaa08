"""`rollback`: back to a release that was good, and a hold on the one that is left.

The newest good release that is not the current one and was never rolled back from; what is left is marked as faulty
and held off the target, so that automation does not bring it back. A rollback waits for no approval: it is the way
out of trouble; who may ask for it is the environment's `rollback` rule.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bot.domain.errors import Refused
from bot.domain.operation import Kind, State
from bot.domain.release import Release
from bot.domain.target import Target
from bot.domain.trigger import TRIGGERS
from bot.ledger import operations, releases, targets
from bot.ledger.ledger import Tx
from bot.ledger.requests import Asked
from bot.usecases import decisions, gates, previews
from bot.usecases.picking import Pick, live_release
from bot.usecases.planning import draw
from bot.usecases.proposing import Planner, Proposal, propose
from bot.world import World


class Rollback(BaseModel):
    """What was asked for: `to` is a version, commit or release number; without it, the newest good release."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str
    service: str | None = None
    to: str | None = None
    trigger: str
    reason: str
    dry_run: bool = False


async def check(world: World, person: str, wish: Rollback) -> None:
    """Refuse at once what can be refused without looking outside."""
    world.catalog.environment(wish.environment)
    if wish.service is not None:
        world.catalog.target(Target(wish.service, wish.environment))
    if wish.trigger not in TRIGGERS:
        raise Refused(f"“{wish.trigger}” is not a trigger; there are {', '.join(TRIGGERS)}.")
    if not wish.reason.strip():
        raise Refused("A rollback needs a reason: say in a few words what is wrong.")
    await world.require(person, world.catalog.rollers_back(wish.environment), f"roll back {wish.environment}")


async def choices(world: World, target: Target, *, most: int = 10) -> list[tuple[Release, datetime]]:
    """Return the releases a target can go back to, newest first, each with when it last went well there."""
    current = await live_release(world, target)
    async with world.ledger.transaction() as tx:
        good = await releases.good_on(tx, target.service, target.environment)
        faulty = await targets.holds_on(tx, target)
    fit = [
        (release, since)
        for release, since in good
        if release.built and release.id not in faulty and not (current and release.id == current.id)
    ]
    return fit[:most]


async def plan(world: World, asked: Asked) -> None:
    """Pick where to go back to, draw the plan, and propose it."""
    wish = Rollback.model_validate(asked.args)
    await check(world, asked.person, wish)
    target = await _target(world, wish)
    pick = Pick(target, await _choose(world, target, wish.to))
    drawn = await draw(world, Kind.ROLLBACK, wish.environment, [pick])
    results = await gates.evaluate(world, drawn)
    if wish.dry_run:
        await previews.answer(world, asked, drawn, results)
        return
    trigger = TRIGGERS[wish.trigger]
    proposal = Proposal(drawn, results, asked.person, asked.channel, wish.reason, trigger)
    await propose(world, asked, proposal, first=lambda tx: _settle(tx, target, asked.person))


async def _settle(tx: Tx, target: Target, person: str) -> None:
    """Settle what is unknown on a target as failed: who rolls it back has decided that it is not to stay."""
    holder = await operations.holder(tx, target)
    if holder is not None and holder.state is State.UNKNOWN:
        await decisions.write_settled(tx, holder, by=person, succeeded=False)


async def _target(world: World, wish: Rollback) -> Target:
    """Return the target that is meant; without a service, the one that was changed last."""
    if wish.service is not None:
        return Target(wish.service, wish.environment)
    async with world.ledger.transaction() as tx:
        known = await targets.everything(tx)
    here = [one for one in known.values() if one.target.environment == wish.environment and one.since]
    if not here:
        raise Refused(f"Nothing has been deployed to {wish.environment}, so there is nothing to roll back.")
    return max(here, key=lambda one: (one.since, one.operation_id)).target


async def _choose(world: World, target: Target, word: str | None) -> Release:
    good = await choices(world, target, most=30)
    if word is None:
        if not good:
            raise Refused(f"{target} has no other good release to go back to.")
        return good[0][0]
    for release, _ in good:
        if word.removeprefix("v") == release.version or word == str(release.id):
            return release
        if len(word) >= len(release.commit.short) - 3 and release.commit.id.startswith(word):
            return release
    offered = ", ".join(release.version for release, _ in good[:5])
    choice = f"good releases it could go back to are {offered}" if offered else "there is no other good release"
    raise Refused(f"{target} cannot go back to “{word}”: {choice}.")


PLANNER = Planner("rollback", plan)
