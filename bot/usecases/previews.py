"""A plan that is shown and not done: what `--dry-run` answers, to the person who asked and to nobody else.

Backends that can tell are asked what would change on each target. One that cannot be asked now takes nothing away from
the plan: the answer says so, in the backend's own words.
"""

from collections.abc import Sequence
from dataclasses import asdict

from bot.domain.canonical import canonical
from bot.domain.errors import GaveUp, NeverBuilt, Retry
from bot.domain.gate import GateResult
from bot.domain.plan import Plan, PlannedOperation, Preview
from bot.domain.target import Target
from bot.ledger import releases, requests
from bot.ledger.requests import Asked
from bot.ports import Desired
from bot.ports import Preview as Previewing
from bot.world import World

LONGEST = 300  # letters of a line
MOST_LINES, MOST_LETTERS = 40, 2000  # of one target: what is said of the others must have room, too


async def answer(
    world: World,
    asked: Asked,
    plan: Plan,
    gates: Sequence[GateResult],
    left_out: Sequence[str] = (),
    *,
    refused: str = "",
) -> None:
    """Answer a request with its plan; the view turns it into blocks when it is told.

    `refused` says why the same without `--dry-run` would be refused.
    """
    previews = {op.service: found for op in plan.operations if (found := await _preview(world, plan, op))}
    told = canonical(
        {
            "plan": asdict(plan),
            "gates": [asdict(gate) for gate in gates],
            "left_out": list(left_out),
            "refused": refused,
            "previews": {service: asdict(preview) for service, preview in previews.items()},
        }
    )
    async with world.ledger.transaction() as tx:
        await requests.answer(tx, asked, told)


async def _preview(world: World, plan: Plan, planned: PlannedOperation) -> Preview | None:
    """Return what would change on one target; None where the backend does not tell."""
    target = Target(planned.service, plan.environment)
    backend = world.backend(target)
    async with world.ledger.transaction() as tx:
        release = await releases.get(tx, planned.to.id)
    if not isinstance(backend, Previewing) or release is None:
        return None
    try:
        lines = await backend.preview(target, Desired(release, world.catalog.section(target)))
    except (Retry, GaveUp) as error:
        if isinstance(error, NeverBuilt) and any(step.kind == "build" for step in planned.steps):
            return Preview(unbuilt=True)
        return Preview(fault=world.mask(error.reason))
    return _shown(world.mask("\n".join(lines)).split("\n") if lines else [])


def _shown(lines: Sequence[str]) -> Preview:
    """Return the first lines, as many as there is room for, and how many more there are."""
    kept: list[str] = []
    room = MOST_LETTERS
    for line in (clipped(line) for line in lines[:MOST_LINES]):
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return Preview(tuple(kept), more=len(lines) - len(kept))


def clipped(line: str) -> str:
    """Return a line, its end left out where it is too long to be read."""
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
