"""A plan that is shown and not done: what `--dry-run` answers, to the person who asked and to nobody else."""

from collections.abc import Sequence
from dataclasses import asdict

from bot.domain.canonical import canonical
from bot.domain.gate import GateResult
from bot.domain.plan import Plan
from bot.ledger import requests
from bot.ledger.requests import Asked
from bot.world import World


async def answer(
    world: World, asked: Asked, plan: Plan, gates: Sequence[GateResult], left_out: Sequence[str] = ()
) -> None:
    """Answer a request with its plan; the view turns it into blocks when it is told."""
    told = canonical({"plan": asdict(plan), "gates": [asdict(gate) for gate in gates], "left_out": list(left_out)})
    async with world.ledger.transaction() as tx:
        await requests.answer(tx, asked, told)
