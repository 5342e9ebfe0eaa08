"""`checks`: what must have passed for a commit (tests, reviews, scanners) has passed.

What is missing or goes on cannot be told, and blocks; it is asked again by itself. There is no way around it for one
release: who may do without a check says so in the catalog. A rollback and a restart are not asked.
"""

from bot.domain.gate import GateResult, Verdict
from bot.domain.operation import Kind
from bot.domain.plan import Plan, PlannedOperation
from bot.domain.target import Target
from bot.usecases import checking
from bot.world import World


async def check(world: World, plan: Plan, planned: PlannedOperation) -> GateResult | None:
    """Ask the source what others have said of the commit."""
    patterns = world.catalog.environment(plan.environment).checks
    if not patterns or plan.kind is not Kind.DEPLOY:
        return None
    verdict, words = await checking.of(world, planned, patterns)
    target = Target(planned.service, plan.environment)
    return GateResult("checks", str(target), verdict, f"{words} passed" if verdict is Verdict.PASS else words)


GATE = check
