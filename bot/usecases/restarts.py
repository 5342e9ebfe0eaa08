"""`restart`: begin what is live on a target anew, under a key of its own, and look at it as at what was deployed.

It brings nothing: the same artefact serves afterwards, owed to whoever brought it, good or not as before. So it waits
for no approval, as a rollback does not, and those may ask for it who may deploy or roll back there. Where a deploy
needs approval, a restart needs a reason, and must not bring along a configuration that nobody has approved.
"""

from pydantic import BaseModel, ConfigDict

from bot.domain.errors import Refused
from bot.domain.operation import Kind, State
from bot.domain.release import Release
from bot.domain.standing import Glance
from bot.domain.target import Target
from bot.ledger import changes, operations, releases, succession, targets
from bot.ledger.ledger import Tx
from bot.ledger.requests import Asked
from bot.usecases import gates
from bot.usecases.picking import Pick
from bot.usecases.planning import draw
from bot.usecases.proposing import Planner, Proposal, propose
from bot.world import World


class Restart(BaseModel):
    """What was asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str
    service: str
    reason: str = ""


async def check(world: World, person: str, wish: Restart) -> None:
    """Refuse at once what can be refused without looking outside."""
    world.catalog.target(Target(wish.service, wish.environment))
    await world.require(person, world.catalog.responsible(wish.environment), f"restart services in {wish.environment}")
    if world.catalog.policy(wish.environment) is not None and not wish.reason.strip():
        example = f"`/restart {wish.environment} {wish.service} --reason it answers slowly`"
        raise Refused(f"A restart in {wish.environment} needs a reason: say for example {example}.")


async def plan(world: World, asked: Asked) -> None:
    """Take what is live, draw the plan, and propose it; `Refused` says why there is nothing to restart."""
    wish = Restart.model_validate(asked.args)
    await check(world, asked.person, wish)
    target = Target(wish.service, wish.environment)
    async with world.ledger.transaction() as tx:
        await _refuse_a_second(tx, target)
        glance = await targets.glance(tx, target)
        release = await _live(tx, target, glance)
        await _refuse_another_configuration(world, tx, target, release)
    drawn = await draw(world, Kind.RESTART, wish.environment, [Pick(target, release, left=glance)])
    results = await gates.evaluate(world, drawn)
    await propose(world, asked, Proposal(drawn, results, asked.person, asked.channel, wish.reason))


async def _refuse_a_second(tx: Tx, target: Target) -> None:
    holder = await operations.holder(tx, target)
    for op in [*([holder] if holder else []), *await operations.queued_on(tx, target)]:
        if op.kind is Kind.RESTART and op.state is not State.UNKNOWN:
            raise Refused(f"Change {op.change_id} is restarting {target} already.")


async def _live(tx: Tx, target: Target, glance: Glance) -> Release:
    """Return what is live; `Refused` when nothing is, or when that cannot be told."""
    unknown = await operations.get(tx, glance.unknown) if glance.unknown is not None else None
    if unknown is not None:
        raise Refused(f"What {target} runs is unknown since change {unknown.change_id}: settle that on its card first.")
    release = await releases.get(tx, glance.live) if glance.live is not None else None
    if release is None:
        way = f"`/deploy {target.environment} {target.service}`"
        raise Refused(f"Nothing has been deployed to {target}, so there is nothing to restart; {way} brings something.")
    return release


async def _refuse_another_configuration(world: World, tx: Tx, target: Target, release: Release) -> None:
    """Refuse what a restart would change without the approval that such a change needs."""
    brought = await succession.owner(tx, target)
    change = await changes.get(tx, brought.change_id) if brought else None
    if brought is None or change is None or world.catalog.policy(target.environment) is None:
        return
    planned = change.plan.operations[brought.position]
    if planned.config.get("backend") != world.catalog.section(target):
        way = f"`/deploy {target.environment} {target.service} {release.version}`"
        raise Refused(
            f"How {target} is run has changed in the catalog since {release.version} was brought there, and a restart "
            f"would bring that along without approval: {way} asks for it."
        )


PLANNER = Planner("restart", plan)
