"""`handoff:7`: a rotation has changed hands; who has it now is called, and told what is open."""

from collections.abc import Awaitable, Callable

from bot.ledger import rotas
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter import grouplines
from bot.painter.pictures import Picture
from bot.usecases import oncall
from bot.usecases.handoffs import open_groups
from bot.views import handoffs as view
from bot.views.handoffs import MOST_GROUPS, HandOff
from bot.views.kit import Message
from bot.world import World


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read the hand-off, and the alert groups that are open now."""
    notice = await rotas.get_notice(tx, int(card.subject.partition(":")[2]))
    if notice is None:
        raise LookupError(card.subject)
    here = world.catalog.on_call.rotations.get(notice.rotation) if world.catalog.on_call else None
    shift = await oncall.who(world, tx, notice.rotation, notice.at) if here else None
    groups = await open_groups(world, tx, notice.rotation)
    lines = await grouplines.read(world, tx, groups)
    absent = shift.absent if shift else None

    async def draw() -> Message:
        people = [one for one in (notice.person, notice.before, absent) if one]
        names = await world.names(people)
        calls = [f"<@{notice.person}>"] if notice.person else await oncall.fallback_calls(world, notice.rotation)
        return view.handoff(
            HandOff(
                notice.rotation,
                notice.until,
                calls,
                names.get(notice.person or ""),
                names.get(notice.before or ""),
                names.get(absent or ""),
                await lines(),
                max(0, len(groups) - MOST_GROUPS),
            )
        )

    return draw


PICTURE = Picture("handoff", read)
