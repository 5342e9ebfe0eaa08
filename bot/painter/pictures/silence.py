"""`silence:12`: the notice in a group's thread that a silence ends soon."""

from collections.abc import Awaitable, Callable

from bot.ledger import alertgroups, silences
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.views import silences as view
from bot.views.kit import Message
from bot.views.silences import SilencePicture
from bot.world import World


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read everything the notice says; its role is `notice`, the group's number, and the end it was given of."""
    silence = await silences.get(tx, int(card.subject.partition(":")[2]))
    if silence is None:
        raise LookupError(card.subject)
    _, number, until = card.role.split("/")
    firing = [one for one in await alertgroups.alerts_of(tx, int(number)) if one.firing]

    async def draw() -> Message:
        ended_by = silence.ended_by
        names = await world.names([ended_by] if ended_by else [])
        picture = SilencePicture(silence, sum(map(silence.matches, firing)), len(firing), names.get(ended_by or "", ""))
        return view.notice(picture, until=int(until))

    return draw


PICTURE = Picture("silence", read)
