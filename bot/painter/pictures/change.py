"""`change:42`: the live card, and the card that asks for approval."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.domain.change import Change
from bot.domain.operation import Operation
from bot.domain.operation import State as OperationState
from bot.domain.step import Step
from bot.engine.changes import waits_for_a_person
from bot.ledger import changes, operations, releases, steps, succession
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.afterwards import after_operations
from bot.painter.pictures import Picture
from bot.usecases import rollbacks
from bot.usecases.ending import enders
from bot.usecases.reading import gates_of, left_out_of, links, typed_for
from bot.views import changes as view
from bot.views.kit import Message
from bot.views.pictures import ChangePicture, InLine, OperationPicture, Owner, Vote
from bot.views.plans import holders
from bot.world import World

ENDED_THERE = frozenset({OperationState.SUCCEEDED, OperationState.FAILED})
LEFT = ENDED_THERE | {OperationState.UNKNOWN}  # what a card leads back from


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read everything the card of a change says."""
    change_id = int(card.subject.partition(":")[2])
    change = await changes.get(tx, change_id)
    if change is None:
        raise LookupError(card.subject)
    ops = await operations.of_change(tx, change_id)
    found = await steps.of_operations(tx, [op.id for op in ops])
    pictures = [await one(tx, change, op, found[op.id]) for op in ops]
    rows = await changes.votes(tx, change_id)
    picture = ChangePicture(
        change=change,
        operations=pictures,
        now=tx.now,
        links=await links(world, tx, _others(pictures)),
        votes=[Vote(row["person"], row["verdict"], row["at"], row["reason"]) for row in rows],
        gates=await gates_of(tx, change_id),
        left_out=await left_out_of(tx, change_id),
        typed=await typed_for(tx, change_id),
        held=waits_for_a_person(change, ops),
        ends=enders(world, change),
        alerts=await after_operations(world, tx, [op.id for op in ops]),
    )
    return lambda: _draw(world, card, picture)


async def one(tx: Tx, change: Change, op: Operation, found: list[Step]) -> OperationPicture:
    """Read what is shown of one operation of a change."""
    owner = await succession.owner(tx, op.target) if op.state in ENDED_THERE else None
    before = await releases.get(tx, op.from_release) if op.from_release else None
    serves = owner.to_release if owner else op.to_release
    return OperationPicture(
        op,
        change.plan.operations[op.position],
        found,
        before=before.version if before else None,
        line=await _line(tx, op),
        owner=Owner(owner.id, owner.change_id, failed=owner.state is OperationState.FAILED) if owner else None,
        back=op.state in LEFT and await rollbacks.possible(tx, op.target, serves),
    )


async def _line(tx: Tx, op: Operation) -> InLine | None:
    """Return what goes before an operation on its target, if anything does."""
    ahead = await operations.ahead_of(tx, op)
    first = await changes.get(tx, ahead[0].change_id) if ahead else None
    if first is None:
        return None
    return InLine(first.id, first.asked_by, len(ahead), lost=ahead[0].state is OperationState.UNKNOWN)


def _others(pictures: list[OperationPicture]) -> set[int]:
    """Return the changes that the card names besides its own."""
    named = {one.line.change for one in pictures if one.line}
    others = {number for one in pictures for number in (one.superseded_by, one.over_failed)}
    return named | {number for number in others if number is not None}


async def _draw(world: World, card: Card, picture: ChangePicture) -> Message:
    change = picture.change
    people = [change.asked_by, *(vote.person for vote in picture.votes)]
    people += [one.line.by for one in picture.operations if one.line]
    people += [one.op.settled_by for one in picture.operations if one.op.settled_by]
    people += holders(change.plan)
    names = await world.names([*people, change.stop_asked_by] if change.stop_asked_by else people)
    groups = await _groups(world, change.environment) if card.role == "approval" else []
    named = replace(picture, names=names, groups=groups)
    return view.approval(named) if card.role == "approval" else view.live(named)


async def _groups(world: World, environment: str) -> list[str]:
    """Return how the approvers are called to the card: their group is mentioned, once, when it is posted."""
    if environment not in world.catalog.environments:
        return []
    return await world.mentions(world.catalog.approvers(environment))


PICTURE = Picture("change", read)
