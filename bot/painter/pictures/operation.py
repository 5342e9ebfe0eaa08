"""`operation:7`, in the thread of its change's card: its log, the call to who asked, and how its data comes back."""

from collections.abc import Awaitable, Callable

from bot.domain.operation import Operation
from bot.ledger import changes, crossings, operations, releases, steps
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.painter.pictures.change import one as pictured
from bot.usecases.reading import links
from bot.views import calls
from bot.views import logs as view
from bot.views.kit import Message
from bot.views.pictures import ChangePicture
from bot.world import World


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read the page that the card's role names (`log/3`), or what a `call` and a `restore` have to say."""
    op = await operations.get(tx, int(card.subject.partition(":")[2]))
    if op is None:
        raise LookupError(card.subject)
    if card.role == "call":
        return await _call(world, tx, op)
    if card.role == "restore":
        return await _restore(tx, op)
    number = int(card.role.partition("/")[2])
    text = await steps.log_page(tx, op.id, number)

    async def draw() -> Message:
        return view.page(text, number, target=str(op.target), last=number == steps.MOST_PAGES)

    return draw


async def _call(world: World, tx: Tx, op: Operation) -> Callable[[], Awaitable[Message]]:
    change = await changes.get(tx, op.change_id)
    if change is None:
        raise LookupError(f"change:{op.change_id}")
    found = await steps.of_operations(tx, [op.id])
    one = await pictured(tx, change, op, found[op.id])
    others = await links(world, tx, {one.owner.change} if one.owner else set())
    picture = ChangePicture(change, [one], tx.now, links=others)

    async def draw() -> Message:
        return calls.call(picture, one)

    return draw


async def _restore(tx: Tx, op: Operation) -> Callable[[], Awaitable[Message]]:
    """Read which migrations of the operation stand between the target and what it found there."""
    before, brought = op.from_release or 0, await releases.get(tx, op.to_release)
    crossed = (await crossings.between(tx, op.target, [before]))[before]
    mine = [one for one in crossed if brought is not None and one.version == brought.version]

    async def draw() -> Message:
        return calls.restore(op, mine)

    return draw


PICTURE = Picture("operation", read)
