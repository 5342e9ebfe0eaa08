"""`undo`: when a change failed in part and its policy goes back, what it had already done goes back too.

Nobody types this word: the engine asks for it, once for each change, in the name of who asked for the change. What is
undone was not faulty itself, so it is not held off its target. What lies beyond an irreversible migration is left to a
person.
"""

from pydantic import BaseModel, ConfigDict

from bot.domain.crossing import way_out, what_ran
from bot.domain.operation import Kind, State
from bot.ledger import crossings, operations, releases, requests, targets
from bot.ledger.requests import Asked
from bot.usecases import gates
from bot.usecases.picking import Pick
from bot.usecases.planning import draw
from bot.usecases.proposing import Planner, Proposal, propose
from bot.world import World


class Undo(BaseModel):
    """The change whose doing is to be undone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    change: int
    environment: str


async def plan(world: World, asked: Asked) -> None:
    """Bring back what was there before, on every target where the change succeeded and nothing came after it."""
    wish = Undo.model_validate(asked.args)
    picks, left = await _picks(world, wish)
    if not picks:
        async with world.ledger.transaction() as tx:
            await requests.answer(tx, asked, " ".join(left) or None)
        return
    drawn = await draw(world, Kind.ROLLBACK, wish.environment, picks)
    results = await gates.evaluate(world, drawn)
    reason = f"Change {wish.change} failed in part, and the policy of {wish.environment} takes the rest back."
    await propose(world, asked, Proposal(drawn, results, asked.person, asked.channel, reason, left_out=left))


async def _picks(world: World, wish: Undo) -> tuple[list[Pick], list[str]]:
    """Return what to bring back, and why it is left undone elsewhere."""
    picks, left = [], []
    async with world.ledger.transaction() as tx:
        for op in reversed(await operations.of_change(tx, wish.change)):
            before = await releases.get(tx, op.from_release) if op.from_release else None
            now = await targets.glance(tx, op.target)
            if not (op.state is State.SUCCEEDED and before and now.release == op.to_release != before.id):
                continue
            crossed = (await crossings.between(tx, op.target, [before.id]))[before.id]
            if crossed:
                words = f"{op.target} is not taken back to {before.version} by itself: {what_ran(crossed)}"
                left.append(f"{words} {way_out(crossed)}")
            else:
                picks.append(Pick(op.target, before, left=now))
    return picks, left


PLANNER = Planner("undo", plan)
