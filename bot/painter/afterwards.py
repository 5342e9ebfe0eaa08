"""The alerts that began after a change's operations, for its card."""

from collections.abc import Sequence

from bot.domain.cause import Cause
from bot.ledger import alertgroups, cards, causes
from bot.ledger.ledger import Tx
from bot.views.causes import AfterPicture
from bot.world import World

MOST = 5  # alert groups that the card names of one operation


async def after_operations(world: World, tx: Tx, ids: Sequence[int]) -> dict[int, list[AfterPicture]]:
    """Return what began after operations, by operation, as it was seen when the alerts came."""
    found: dict[int, list[AfterPicture]] = {}
    for cause in await causes.of_operations(tx, ids):
        assert cause.operation is not None  # noqa: S101 - it was asked for by that
        here = found.setdefault(cause.operation, [])
        if len(here) < MOST:
            here.append(await _after(world, tx, cause))
    return found


async def _after(world: World, tx: Tx, cause: Cause) -> AfterPicture:
    group = await alertgroups.get(tx, cause.group)
    subject = alertgroups.subject(cause.group)
    place = (await cards.places(tx, [subject])).get(subject)
    url = world.directory.link(place.channel, place.ts) if place else None
    name = "" if await _private(world, tx, cause) else cause.onset.name
    return AfterPicture(cause, name, group.resolved_at if group else None, url)


async def _private(world: World, tx: Tx, cause: Cause) -> bool:
    """Whether the alerts are not for everybody, who all read this card."""
    incidents = world.catalog.incidents
    return bool(incidents.elsewhere) and (
        incidents.elsewhere_of(await alertgroups.alerts_of(tx, cause.group)) is not None
    )
