"""Gates: one file = one thing that must hold before a change starts.

To add a gate: a file with an async `check(world, plan, planned)` (the plan and one operation of it) that returns a
`GateResult`, or None where it has nothing to say, and ``GATE = check``. What it cannot find out is `unknown`, which
blocks.
"""

from collections.abc import Awaitable, Callable

from bot.domain.gate import GateResult
from bot.domain.plan import Plan, PlannedOperation
from bot.plugins import modules
from bot.world import World

Gate = Callable[[World, Plan, PlannedOperation], Awaitable[GateResult | None]]


async def evaluate(world: World, plan: Plan) -> list[GateResult]:
    """Ask every gate about every operation of a plan, in order."""
    gates: list[Gate] = [module.GATE for module in modules(__name__)]
    results = []
    for planned in plan.operations:
        for gate in gates:
            result = await gate(world, plan, planned)
            if result is not None:
                results.append(result)
    return results
