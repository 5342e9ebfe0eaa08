"""`drift`: nothing is overwritten unasked that somebody put there past Slipway.

What runs there may be somebody's mending in an emergency. So a deploy or a restart waits until one person has said that
it may be replaced: that very thing, and until something else is live there (`bot/usecases/replacing.py`). A flag typed
beforehand would say so of what nobody has seen; approvers are asked after it, with what is replaced before their eyes.
A rollback goes ahead, and says it: the way out of trouble waits for nobody.
"""

from bot.domain.errors import GaveUp, Retry
from bot.domain.gate import GateResult, Verdict
from bot.domain.operation import Kind
from bot.domain.plan import Plan, PlannedOperation
from bot.domain.target import Target
from bot.ledger import targets
from bot.usecases import drifting
from bot.world import World


async def check(world: World, plan: Plan, planned: PlannedOperation) -> GateResult | None:
    """Look at the target."""
    target = Target(planned.service, plan.environment)
    try:
        looked = await drifting.look(world, target)
    except (Retry, GaveUp):
        return None  # `reachable` says so
    found = looked.drift if looked else None
    if found is None:
        return GateResult("drift", str(target), Verdict.PASS, _still(looked))
    if plan.kind is Kind.ROLLBACK:
        return GateResult("drift", str(target), Verdict.WAIVED, f"{found.words}; a rollback replaces it")
    async with world.ledger.transaction() as tx:
        by = await targets.may_be_replaced(tx, target, found)
    if by is None:
        return GateResult("drift", str(target), Verdict.FAIL, f"{found.words}; this would replace it")
    name = (await world.names([by]))[by]
    return GateResult("drift", str(target), Verdict.WAIVED, f"{found.words}; {name} said to replace it")


def _still(looked: drifting.Looked | None) -> str:
    """Say that nothing is overwritten; of what should run and does not, that too."""
    if looked is None or looked.put is None or not looked.dead:
        return "no drift"
    return f"{looked.put.version} should run there, and nothing does"


GATE = check
