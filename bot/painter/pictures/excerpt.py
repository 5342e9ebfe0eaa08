"""`excerpt:3`: the message that says what was asked for, and the pages in its thread."""

from collections.abc import Awaitable, Callable

from bot.domain.target import Target
from bot.ledger import excerpts, operations, targets
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.usecases.reading import links
from bot.views import excerpts as view
from bot.views import logs
from bot.views.excerpts import Silence
from bot.views.kit import Message
from bot.world import World


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read the excerpt; the card's role says which page of it (`page/3`), or that it is the message above."""
    excerpt = await excerpts.get(tx, int(card.subject.partition(":")[2]))
    if excerpt is None:
        raise LookupError(card.subject)
    silence = await _silence(world, tx, excerpt.target) if not excerpt.pages else None

    async def draw() -> Message:
        number = card.role.partition("/")[2]
        if number:
            page = excerpt.pages[int(number) - 1]
            return logs.page(page, int(number), target=str(excerpt.target), last=False)
        names = await world.names([excerpt.asked_by])
        return view.head(excerpt, name=names[excerpt.asked_by], silence=silence)

    return draw


async def _silence(world: World, tx: Tx, target: Target) -> Silence:
    """Read why a target may have printed nothing; `usecases/logs.py` has looked at it a moment ago."""
    known = await targets.live(tx, target)
    newest = await operations.recent(tx, target.environment, target.service, most=1)
    change = newest[0][0].change_id if newest else None
    where = await links(world, tx, {change} if change else set())
    put = known is not None and known.release_id is not None
    return Silence(
        deployed=put or change is not None,
        dead=known is not None and known.seen_dead,
        change=change,
        url=where.get(change or 0),
    )


PICTURE = Picture("excerpt", read)
