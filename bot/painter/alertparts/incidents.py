"""The reports about an alert group, and the button that has one written."""

from collections.abc import Sequence

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group
from bot.ledger import alertgroups, cards, reports
from bot.ledger.ledger import Tx
from bot.painter.alertparts import Added, Draw, Part
from bot.views.kit import button
from bot.views.reports import listed
from bot.world import World


async def read(world: World, tx: Tx, group: Group, _: Sequence[Alert]) -> Draw:
    """Read which reports there are, and where they hang."""
    found = await reports.about(tx, alertgroups.subject(group.id))
    places = await cards.places(tx, [reports.subject(one.id) for one in found]) if found else {}
    urls = {one.id: places.get(reports.subject(one.id)) for one in found}
    named = [(one, world.directory.link(place.channel, place.ts) if (place := urls[one.id]) else None) for one in found]

    async def draw() -> Added:
        return Added(listed(named), [button("incident_report", "Incident report…", group.id)])

    return draw


PART = Part("incidents", 50, read)
