"""`digest:7`: what came while somebody was left in peace, as it stands in the morning."""

from collections.abc import Awaitable, Callable

from bot.ledger import alertgroups, deferring
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter import grouplines
from bot.painter.pictures import Picture
from bot.views import handoffs as view
from bot.views.handoffs import MOST_GROUPS
from bot.views.kit import Message
from bot.world import World


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read the groups of the digest as they are now, the worst that are open first."""
    found = await deferring.of(tx, int(card.subject.partition(":")[2]))
    if found is None:
        raise LookupError(card.subject)
    known = [await alertgroups.get(tx, number) for number in found[1]]
    groups = sorted((one for one in known if one), key=lambda one: (one.resolved_at is not None, -one.severity, one.id))
    lines = await grouplines.read(world, tx, groups)

    async def draw() -> Message:
        return view.digest(await lines(), more=max(0, len(groups) - MOST_GROUPS))

    return draw


PICTURE = Picture("digest", read, stays=True)  # it is somebody's alone: no channel is told instead
