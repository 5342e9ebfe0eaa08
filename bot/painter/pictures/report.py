"""`report:3`: the card of a report on what went wrong, and its further pages in the thread."""

from collections.abc import Awaitable, Callable

from bot.ledger import reports
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.usecases import reporting
from bot.views import reports as view
from bot.views.kit import Message
from bot.world import World


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read the report as it was written last; the card's role says which page of it is shown."""
    report = await reports.get(tx, int(card.subject.partition(":")[2]))
    if report is None:
        raise LookupError(card.subject)
    number = card.role.partition("/")[2]

    async def draw() -> Message:
        if number:
            return view.page(report, int(number))
        by = report.asked_by
        return view.live(report, (await world.names([by]))[by] if by else "")

    return draw


async def places(world: World, tx: Tx, card: Card) -> tuple[str, str]:
    """Return where it belongs, and where it hangs when that is gone: elsewhere only if it is for everybody to read."""
    report = await reports.get(tx, int(card.subject.partition(":")[2]))
    home = report.channel if report is not None else card.channel
    return home, world.catalog.channels.deployments if home == reporting.for_everybody(world) else home


PICTURE = Picture("report", read, places=places)
