"""`reachable`: the backend answers, so that what happens can be observed."""

from bot.domain.errors import GaveUp, Retry
from bot.domain.gate import GateResult, Verdict
from bot.domain.plan import Plan, PlannedOperation
from bot.domain.target import Target
from bot.world import World


async def check(world: World, plan: Plan, planned: PlannedOperation) -> GateResult | None:
    """Look at the target once."""
    target = Target(planned.service, plan.environment)
    try:
        config = world.catalog.section(target)
        seen = await world.backend(target).observe(target, key="gate", config=config)
    except Retry as error:
        return GateResult(
            "reachable", str(target), Verdict.UNKNOWN, f"the backend does not answer: {world.mask(error.reason)}"
        )
    except GaveUp as error:
        return GateResult("reachable", str(target), Verdict.FAIL, f"the backend refuses: {world.mask(error.reason)}")
    return GateResult("reachable", str(target), Verdict.PASS, f"runs {seen.version or 'nothing'} now")


GATE = check
