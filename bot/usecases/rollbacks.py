"""`rollback`: back to a release that was good, and a hold on the one that is left.

The newest good release that is not the current one and was never rolled back from; what is left is marked as faulty
and held off the target, so that automation does not bring it back. A rollback waits for no approval: it is the way
out of trouble; who may ask for it is the environment's `rollback` rule.

What is left is what was there when somebody asked, or when they opened the window; not what is there when their
request is planned. Somebody may have settled it meanwhile, or gone back, or brought something else: where that makes it
another deed than was meant, nothing is done, and the person is told.
"""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from bot.domain.change import State as ChangeState
from bot.domain.crossing import Crossing, way_out, what_ran
from bot.domain.errors import Refused
from bot.domain.gate import obstacle
from bot.domain.operation import Kind, State
from bot.domain.plan import Plan
from bot.domain.release import Release, meant, several
from bot.domain.standing import Glance, Offer, Sight
from bot.domain.target import Target
from bot.domain.trigger import TRIGGERS
from bot.ledger import changes, crossings, operations, releases, succession, targets
from bot.ledger.ledger import Tx
from bot.ledger.requests import Asked
from bot.usecases import decisions, gates, previews
from bot.usecases.picking import Pick
from bot.usecases.planning import draw
from bot.usecases.proposing import Planner, Proposal, propose
from bot.world import World


class Rollback(BaseModel):
    """What was asked for: `to` is a version, commit or release number; without it, the newest good release.

    `left` is what the person had before their eyes, where that was earlier than the asking: a window was open.
    `across_migration` says that they know of the irreversible migration that lies between. Who only looks
    (`dry_run`) need not say what is wrong.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str
    service: str | None = None
    to: str | None = None
    trigger: str = ""
    reason: str = ""
    dry_run: bool = False
    across_migration: bool = False
    left: Glance | None = None


async def check(world: World, person: str, wish: Rollback) -> None:
    """Refuse at once what can be refused without looking outside."""
    world.catalog.environment(wish.environment)
    if wish.service is not None:
        world.catalog.target(Target(wish.service, wish.environment))
    if wish.trigger not in TRIGGERS and (wish.trigger or not wish.dry_run):
        raise Refused(f"“{wish.trigger}” is not a trigger; there are {', '.join(TRIGGERS)}.")
    if not (wish.reason.strip() or wish.dry_run):
        raise Refused("A rollback needs a reason: say in a few words what is wrong.")
    await world.require(person, world.catalog.rollers_back(wish.environment), f"roll back {wish.environment}")


async def offer(world: World, target: Target, *, left: Glance | None = None, most: int = 10) -> Offer:
    """Return what a target can go back to when what it runs now (or what is to be `left`) is left."""
    async with world.ledger.transaction() as tx:
        if left is None:
            await _refuse_meanwhile(tx, target, Sight(Glance()))
            left = await targets.glance(tx, target)
        good = await releases.good_on(tx, target.service, target.environment)
        faulty = await targets.holds_on(tx, target)
        release = await releases.get(tx, left.release) if left.release is not None else None
        fit = [(one, since) for one, since in good if one.built and one.id not in faulty and one.id != left.release]
        across = await crossings.between(tx, target, [one.id for one, _ in fit[:most]])
    return Offer(target, left, release, fit[:most], {number: some for number, some in across.items() if some})


async def possible(tx: Tx, target: Target, leaving: int) -> bool:
    """Return whether there is a good release that a target could go back to from the one that it would leave."""
    good = await releases.good_on(tx, target.service, target.environment)
    faulty = await targets.holds_on(tx, target)
    return any(one.built and one.id not in faulty and one.id != leaving for one, _ in good)


async def plan(world: World, asked: Asked) -> None:
    """Pick where to go back to, draw the plan, and propose it."""
    wish = Rollback.model_validate(asked.args)
    await check(world, asked.person, wish)
    target = await _target(world, wish, asked.seen)
    sight = asked.seen.get(target.service, Sight(Glance()))
    left = wish.left or sight.glance
    async with world.ledger.transaction() as tx:
        await _refuse_meanwhile(tx, target, sight)
        await _refuse_if_moved(tx, target, left)
    offered = await offer(world, target, left=left, most=30)
    release = _newest(offered) if wish.to is None else choose(offered, wish.to)
    refused = "" if wish.across_migration else uncrossed(target, release, offered.across.get(release.id, ()))
    if refused and not wish.dry_run:
        raise Refused(refused)
    pick = Pick(target, release, left=offered.left)
    drawn = await draw(world, Kind.ROLLBACK, wish.environment, [pick])
    results = await gates.evaluate(world, drawn)
    if wish.dry_run:
        await previews.answer(world, asked, drawn, results, refused=refused)
        return
    trigger = TRIGGERS[wish.trigger]
    proposal = Proposal(drawn, results, asked.person, asked.channel, wish.reason, trigger)
    goes = obstacle(results) is None
    await propose(world, asked, proposal, first=lambda tx: _begin(tx, drawn, pick, by=asked.person, goes=goes))


def uncrossed(target: Target, release: Release, crossed: Sequence[Crossing]) -> str:
    """Say why what goes back across an irreversible migration, and was asked for without a word of that, is refused."""
    if not crossed:
        return ""
    return (
        f"Going back to {release.version} would cross a migration: {what_ran(crossed)}\n{way_out(crossed)} "
        f"On the data as it is: `/rollback {target.environment} {target.service} to {release.version} "
        f"--across-migration`."
    )


async def _begin(tx: Tx, drawn: Plan, pick: Pick, *, by: str, goes: bool) -> None:
    """Refuse what has moved since; where the rollback `goes`, settle what is unknown, and where it is blocked do not.

    As long as it is blocked nobody has touched the target, and what is unknown there is unknown still.
    """
    holder = await operations.holder(tx, pick.target)
    if holder is not None and holder.state is State.UNKNOWN:
        changes.lock(tx, holder.change_id)  # who settles it at this moment has done so, or comes after
    await _refuse_if_moved(tx, pick.target, pick.left or Glance())
    if goes:
        await decisions.leave(tx, drawn, by=by)


async def _refuse_meanwhile(tx: Tx, target: Target, sight: Sight) -> None:
    """Refuse while something else is under way on a target, or was when somebody asked."""
    await _refuse_a_second(tx, target, sight.going_back)
    await _refuse_before_it_serves(tx, target, sight.coming)


async def _refuse_before_it_serves(tx: Tx, target: Target, before: int | None) -> None:
    """Refuse while a deploy has brought nothing that serves: what a person wants to leave is not what runs."""
    op = await operations.get(tx, before) if before is not None else await succession.coming(tx, target)
    if op is None:
        return
    release = await releases.get(tx, op.to_release)
    number, brought = op.change_id, f"{release.version if release else 'a release'} to {target}"
    if op.final or op.state is State.UNKNOWN:
        raise Refused(
            f"Change {number} was bringing {brought} when you asked for this, so nothing was done. "
            f"See how it ended, and ask again if need be."
        )
    raise Refused(
        f"Change {number} is bringing {brought}, and it does not serve yet, so there is nothing of it to leave. "
        f"Wait until it serves or has failed, or cancel it (`/cancel {number}`)."
    )


async def _refuse_a_second(tx: Tx, target: Target, before: int | None) -> None:
    """Refuse while a target is being taken back, or was when somebody asked: they cannot mean what it goes back to."""
    op = await operations.get(tx, before) if before is not None else await operations.going_back(tx, target)
    if op is None:
        return
    goal = op.from_release if op.going_back else op.to_release
    release = await releases.get(tx, goal) if goal is not None else None
    number, back = op.change_id, f"{target} back to {release.version if release else 'nothing'}"
    if op.final:
        raise Refused(
            f"Change {number} was taking {back} when you asked for this, so nothing was done. "
            f"See how it ended, and ask again if need be."
        )
    change = await changes.get(tx, number)
    waits = change is not None and change.state in {ChangeState.BLOCKED, ChangeState.WAITING}
    doing = "waits to take" if waits else "is taking"
    raise Refused(
        f"Change {number} {doing} {back} already, so nothing was done. "
        f"See how it ends, or cancel it (`/cancel {number}`), and ask again if need be."
    )


async def _refuse_if_moved(tx: Tx, target: Target, left: Glance) -> None:
    """Refuse when something has moved since a person saw what is to be left, and say what."""
    now = await targets.glance(tx, target)
    if left.still(now):
        return
    known = await releases.some(tx, [one for one in (left.release, now.release, now.live) if one is not None])
    then = known[left.release].version if left.release is not None else "nothing"
    today = known[now.release].version if now.release is not None else "nothing"
    ran = "ran" if left.unknown is None else "was taken to run"
    runs = f"whether it runs {today} now is unknown" if now.unknown is not None else f"it runs {today} now"
    raise Refused(
        f"{target} {ran} {then} when you asked for this rollback; {runs}, so nothing was done. "
        f"Look at it, and ask again if that is to be left, too."
    )


async def _target(world: World, wish: Rollback, seen: Mapping[str, Sight]) -> Target:
    """Return the target that is meant; without a service, the one that had changed last when they asked."""
    if wish.service is not None:
        return Target(wish.service, wish.environment)
    here = [target for target in world.catalog.targets(wish.environment) if target.service in seen]
    changed = {target: at for target in here if (at := seen[target.service].changed_at) is not None}
    if not changed:
        raise Refused(f"Nothing has been deployed to {wish.environment}, so there is nothing to roll back.")
    return max(changed, key=lambda one: (changed[one], seen[one.service].glance.newest))


def choose(offered: Offer, word: str) -> Release:
    """Return the one release among those offered that a person means; `Refused` when there is none, or more."""
    found = meant(word, [release for release, _ in offered.good])
    if len(found) > 1:
        raise Refused(f"“{word}” could be {several(found)}: say its number, for example #{found[0].id}.")
    if not found:
        listed = ", ".join(release.version for release, _ in offered.good[:5])
        choice = f"good releases it could go back to are {listed}" if listed else "there is no other good release"
        raise Refused(f"{offered.target} cannot go back to “{word}”: {choice}.")
    return found[0]


def _newest(offered: Offer) -> Release:
    if not offered.good:
        raise Refused(f"{offered.target} has no other good release to go back to.")
    return offered.good[0][0]


PLANNER = Planner("rollback", plan)
