"""Gates: one file = one thing that must hold before a change starts.

To add a gate: a file with an async `check(world, plan, planned)` (the plan and one operation of it) that returns a
`GateResult`, or None where it has nothing to say, and ``GATE = check``. What it cannot find out is `unknown`, which
blocks.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace

from bot.domain.gate import GateResult, Verdict, obstacle
from bot.domain.plan import Plan, PlannedOperation
from bot.domain.target import Target
from bot.plugins import modules
from bot.world import World

Gate = Callable[[World, Plan, PlannedOperation], Awaitable[GateResult | None]]


async def evaluate(world: World, plan: Plan) -> list[GateResult]:
    """Ask every gate about every operation of a plan, in order; those about one operation are asked at once."""
    return [result for planned in plan.operations for result in await _about(world, plan, planned)]


async def closed(world: World, plan: Plan, places: Collection[int] | None = None) -> str | None:
    """Say which gates keep a plan, or only the operations at some places of it, from beginning; None when none does."""
    wanted = tuple(one for place, one in enumerate(plan.operations) if places is None or place in places)
    return obstacle(await evaluate(world, replace(plan, operations=wanted)))


async def _about(world: World, plan: Plan, planned: PlannedOperation) -> list[GateResult]:
    target = Target(planned.service, plan.environment)
    if not world.catalog.knows(target):  # no gate need think of that
        return [GateResult("catalog", str(target), Verdict.FAIL, "it is no longer in the catalog")]
    gates: list[Gate] = [module.GATE for module in modules(__name__)]
    results = await asyncio.gather(*(gate(world, plan, planned) for gate in gates))
    return [result for result in results if result is not None]
