"""`again`: the same as a change that failed or was cancelled, as a new change: planned, checked and approved anew.

A deploy asks for the very releases of the old plan, one for each service. Restarts and rollbacks are asked for by their
own words, as if somebody typed them.
"""

from collections.abc import Sequence
from contextlib import suppress

from pydantic import BaseModel, ConfigDict

from bot.domain.change import Change, can_be_again
from bot.domain.errors import Refused
from bot.domain.operation import Kind
from bot.domain.plan import PlannedOperation
from bot.domain.target import Target
from bot.domain.trigger import TRIGGERS
from bot.ledger import succession
from bot.ledger.requests import Asked
from bot.usecases import decisions, deploys, gates, restarts, rollbacks, underway
from bot.usecases.deploys import Deploy
from bot.usecases.picking import Pick, Unknown, held_off, named
from bot.usecases.planning import draw
from bot.usecases.proposing import Planner, Proposal, propose
from bot.usecases.restarts import Restart
from bot.usecases.rollbacks import Rollback
from bot.world import World


class Again(BaseModel):
    """The change that is wanted once more, and its environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str
    change: int


async def wish(world: World, person: str, number: int) -> tuple[str, BaseModel]:
    """Return the word and the wish that ask for the same as a change; `Refused` at once where that may not be."""
    change = await decisions.peek(world, number)
    if not can_be_again(change):
        stands = change.state.replace("_", " ")
        raise Refused(f"Only what somebody asked for, and failed or was cancelled, runs again: {number} is {stands}.")
    match change.kind:
        case Kind.RESTART:
            restart = Restart(environment=change.environment, service=_service(change), reason=change.reason)
            await restarts.check(world, person, restart)
            return "restart", restart
        case Kind.ROLLBACK:
            back = _rollback(change)
            await rollbacks.check(world, person, back)
            return "rollback", back
        case Kind.DEPLOY:
            await _check(world, person, change)
            return "again", Again(environment=change.environment, change=number)


def _service(change: Change) -> str:
    return change.plan.operations[0].service


def _rollback(change: Change) -> Rollback:
    trigger = next((word for word, text in TRIGGERS.items() if text == change.trigger), "")
    to = f"#{change.plan.operations[0].to.id}"
    said = {"trigger": trigger, "reason": change.reason}
    return Rollback(environment=change.environment, service=_service(change), to=to, **said)


async def _check(world: World, person: str, change: Change) -> None:
    """Refuse at once what a deploy of the same services would be refused for."""
    services = tuple(op.service for op in change.plan.operations)
    for service in services:
        world.catalog.target(Target(service, change.environment))
    await deploys.check(world, person, Deploy(environment=change.environment, words=services))


async def plan(world: World, asked: Asked) -> None:
    """Draw the plan for the same releases, and propose it; `Refused` says why there is nothing to propose."""
    change = await decisions.peek(world, Again.model_validate(asked.args).change)
    await _check(world, asked.person, change)
    while True:
        with suppress(underway.Overtaken):  # then there is something under way that was not there when we looked
            return await _plan(world, asked, change)


async def _plan(world: World, asked: Asked, change: Change) -> None:
    picks, left_out = await _picks(world, change)
    drawn = await draw(world, Kind.DEPLOY, change.environment, picks)
    results = await gates.evaluate(world, drawn)
    proposal = Proposal(drawn, results, asked.person, asked.channel, change.reason, left_out=left_out)
    await propose(world, asked, proposal, first=lambda tx: underway.alone(tx, change.environment, picks))


async def _picks(world: World, change: Change) -> tuple[Sequence[Pick], list[str]]:
    """Return the releases of the old plan, as they may go to their targets now, and why the others are left out."""
    picks, reasons = [], []
    for planned in change.plan.operations:
        target = Target(planned.service, change.environment)
        await _refuse_if_overtaken(world, change, target)
        pick = await _same(world, target, planned)
        coming = await underway.instead(world, target, pick)
        if coming is None:
            picks.append(pick)
        else:
            reasons.append(coming)
    if not picks:
        raise Refused(f"There is nothing to run again. {' '.join(reasons)}")
    return picks, reasons


async def _refuse_if_overtaken(world: World, change: Change, target: Target) -> None:
    """Refuse what would undo, by a button on an old card, what somebody has brought there since."""
    async with world.ledger.transaction() as tx:
        owner = await succession.owner(tx, target)
    if owner is not None and owner.change_id > change.id:
        raise Refused(
            f"{target} runs what change {owner.change_id} brought there after change {change.id}, so nothing was done. "
            f"Name what you want: `/deploy {target.environment} {target.service} …`."
        )


async def _same(world: World, target: Target, planned: PlannedOperation) -> Pick:
    """Return the release of the old plan; `Refused` when it may not go there any more, or was rolled back since."""
    try:
        pick = await named(world, target, planned.to.commit)
    except Unknown as no:
        raise Refused(f"{planned.service} {planned.to.version} is not to be found any more.") from no
    if pick.release.id != planned.to.id:
        raise Refused(f"{planned.service} {planned.to.version} may not go there any more; {pick.release.version} may.")
    if pick.held is not None and (planned.held is None or pick.held.id != planned.held.id):
        raise Refused(held_off(target, pick.release, pick.held))
    return pick


PLANNER = Planner("again", plan)
