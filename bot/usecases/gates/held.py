"""`held`: what was rolled back from a target comes back only by its name, said by somebody who could know of that.

The plan says which hold its person knew of. Whatever was placed after is in the way, however long the change has
waited and whoever has approved it.
"""

from bot.domain.gate import GateResult, Verdict
from bot.domain.outdated import barred, named
from bot.domain.plan import Plan, PlannedOperation
from bot.domain.target import Target
from bot.ledger import targets
from bot.world import World


async def check(world: World, plan: Plan, planned: PlannedOperation) -> GateResult | None:
    """Look at the ledger."""
    if not plan.kind.brings:
        return None
    target = Target(planned.service, plan.environment)
    hold = (await targets.holds_on(world.ledger.reading, target)).get(planned.to.id)
    if hold is None:
        return None
    if named(planned, hold):
        words = f"{planned.to.version} had been rolled back from here, and was named all the same"
        return GateResult("held", str(target), Verdict.WAIVED, words)
    return GateResult("held", str(target), Verdict.FAIL, barred(planned, hold))


GATE = check
