"""`placed`: a program that is to run where the target runs needs a backend that can run one there."""

from bot.domain.gate import GateResult, Verdict
from bot.domain.plan import Plan, PlannedOperation
from bot.domain.target import Target
from bot.ports import RunsThere
from bot.stepkind import THERE, runs_nothing
from bot.world import World


async def check(world: World, plan: Plan, planned: PlannedOperation) -> GateResult | None:
    """Look at the plan's steps, and at what the backend can do."""
    there = [step.name for step in planned.steps if step.options.get("where") == THERE]
    target = Target(planned.service, plan.environment)
    if not there:
        return None
    if isinstance(world.backend(target), RunsThere):
        return GateResult("placed", str(target), Verdict.PASS, f"{', '.join(there)}: where the target runs")
    kind = world.catalog.target(target).backend.kind
    return GateResult("placed", str(target), Verdict.FAIL, f"step {', '.join(there)}: {runs_nothing(kind)}")


GATE = check
