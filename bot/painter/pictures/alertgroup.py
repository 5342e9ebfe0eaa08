"""`alertgroup:7`: the live card of an alert group, and the messages in its thread that call people once more."""

from collections.abc import Awaitable, Callable

from bot.ledger import alertgroups
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.usecases.alerting import CALL, LEASE
from bot.views import alerts as view
from bot.views.alerts import GroupPicture
from bot.views.kit import Message
from bot.world import World

VIEWS = {CALL: view.call, LEASE: view.still}


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read everything the card of a group says."""
    group = await alertgroups.get(tx, int(card.subject.partition(":")[2]))
    if group is None:
        raise LookupError(card.subject)
    alerts = await alertgroups.alerts_of(tx, group.id)

    async def draw() -> Message:
        names = await world.names([group.acked_by] if group.acked_by else [])
        calls = await world.mentions(world.catalog.called())
        picture = GroupPicture(group, alerts, names.get(group.acked_by or "", ""), calls)
        return VIEWS.get(card.role.partition("/")[0], view.live)(picture)

    return draw


PICTURE = Picture("alertgroup", read)
