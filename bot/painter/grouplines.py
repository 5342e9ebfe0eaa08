"""Alert groups, each on one line, for what tells of several of them at once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.domain.alertgroup import Group
from bot.ledger import alertgroups, cards
from bot.ledger.ledger import Tx
from bot.views.handoffs import MOST_GROUPS, GroupLine
from bot.world import World

Lines = Callable[[], Awaitable[list[GroupLine]]]


async def read(world: World, tx: Tx, groups: Sequence[Group]) -> Lines:
    """Read what the lines of the first of these groups say; what it returns may ask for names."""
    shown = groups[:MOST_GROUPS]
    places = await cards.places(tx, [alertgroups.subject(one.id) for one in shown])
    lines = []
    for group in shown:
        titles = list(dict.fromkeys(one.name for one in await alertgroups.alerts_of(tx, group.id)))
        title = titles[0] + (f" and {len(titles) - 1} more" if len(titles) > 1 else "") if titles else "Alerts"
        place = places.get(alertgroups.subject(group.id))
        lines.append(GroupLine(group, title, url=world.directory.link(place.channel, place.ts) if place else None))

    async def draw() -> list[GroupLine]:
        names = await world.names(one.acked_by for one in shown if one.acked_by)
        return [replace(one, at_it=names.get(one.group.acked_by or "", "")) for one in lines]

    return draw
