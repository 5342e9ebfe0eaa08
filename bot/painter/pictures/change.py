"""`change:42`: the live card, and the card that asks for approval."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.domain.operation import Operation
from bot.domain.operation import State as OperationState
from bot.engine.changes import waits_for_a_person
from bot.ledger import changes, operations, steps
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.usecases.reading import gates_of
from bot.views import changes as view
from bot.views.kit import Message
from bot.views.plans import holders
from bot.world import World


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read everything the card of a change says."""
    change_id = int(card.subject.partition(":")[2])
    change = await changes.get(tx, change_id)
    if change is None:
        raise LookupError(card.subject)
    ops = await operations.of_change(tx, change_id)
    found = await steps.of_operations(tx, [op.id for op in ops])
    rows = await changes.votes(tx, change_id)
    votes = [view.Vote(row["person"], row["verdict"], row["at"], row["reason"]) for row in rows]
    picture = view.ChangePicture(
        change=change,
        operations=[
            view.OperationPicture(op, change.plan.operations[op.position], found[op.id], await _ahead(tx, op))
            for op in ops
        ],
        now=tx.now,
        votes=votes,
        gates=await gates_of(tx, change_id),
        held=waits_for_a_person(change, ops),
    )
    return lambda: _draw(world, card, picture)


async def _ahead(tx: Tx, op: Operation) -> int:
    """Return how many operations have the target before this one."""
    if op.state is not OperationState.QUEUED or op.ready_at is None:
        return 0
    queue = await operations.queue_of(tx, op.target)
    holds = await operations.holder(tx, op.target) is not None
    return holds + next((place for place, one in enumerate(queue) if one.id == op.id), 0)


async def _draw(world: World, card: Card, picture: view.ChangePicture) -> Message:
    change = picture.change
    people = [change.asked_by, *(vote.person for vote in picture.votes), *holders(change.plan)]
    names = await world.names([*people, change.stop_asked_by] if change.stop_asked_by else people)
    groups = await _groups(world, change.environment) if card.role == "approval" else []
    named = replace(picture, names=names, groups=groups)
    return view.approval(named) if card.role == "approval" else view.live(named)


async def _groups(world: World, environment: str) -> list[str]:
    """Return how the approvers are called to the card: their group is mentioned, once, when it is posted."""
    if environment not in world.catalog.environments:
        return []
    return [
        await world.directory.mention(team.usergroup)
        if team.usergroup
        else " ".join(f"<@{one}>" for one in team.people)
        for team in world.catalog.approvers(environment).values()
    ]


PICTURE = Picture("change", read)
