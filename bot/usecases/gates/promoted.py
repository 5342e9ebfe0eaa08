"""`promoted`: where artefacts are promoted, this very one was good in the environment before, and is on the branch.

A rollback is not asked: what it goes back to was good here, and the way out of trouble must not depend on a source of
releases that is down, or on what has happened in another environment since. A restart promotes nothing.
"""

from bot.domain.errors import GaveUp, Retry
from bot.domain.gate import GateResult, Verdict
from bot.domain.operation import Kind
from bot.domain.plan import Plan, PlannedOperation
from bot.domain.target import Target
from bot.ledger import releases
from bot.usecases.picking import still_promotable
from bot.world import World


async def check(world: World, plan: Plan, planned: PlannedOperation) -> GateResult | None:
    """Look at the ledger and at the branch again."""
    environment, target = world.catalog.environment(plan.environment), Target(planned.service, plan.environment)
    if environment.promotes is None or plan.kind is not Kind.DEPLOY:
        return None
    release = await releases.get(world.ledger.reading, planned.to.id)
    if release is None:
        return GateResult("promoted", str(target), Verdict.FAIL, "the release is not in the ledger")
    try:
        missing = await still_promotable(world, target, release)
    except (Retry, GaveUp) as error:
        return GateResult(
            "promoted", str(target), Verdict.UNKNOWN, f"its history cannot be read: {world.mask(error.reason)}"
        )
    good = f"good in {environment.promotes} and on {environment.branch}"
    return GateResult("promoted", str(target), Verdict.FAIL if missing else Verdict.PASS, missing or good)


GATE = check
