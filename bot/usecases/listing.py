"""Open alert groups as people are shown them: the worst first, page by page."""

from datetime import timedelta

from bot.domain.alert import Severity
from bot.domain.alertgroup import State
from bot.domain.alertlist import Listing
from bot.ledger import alertlists
from bot.ledger.alertlists import Found, Wanted
from bot.world import World

PAGE = 15
LATELY = timedelta(days=1)


async def look(
    world: World, *, severity: Severity | None = None, service: str | None = None, ended: bool = False, page: int = 1
) -> Listing:
    """Return a page of the open groups; with those that have `ended` within the last day."""
    async with world.ledger.transaction() as tx:
        after = tx.now - LATELY if ended else tx.now
        wanted = Wanted(after, int(severity) if severity is not None else None, service)
        found = await alertlists.page(tx, wanted, most=PAGE + 1, skipped=(page - 1) * PAGE)
    return await _listing(world, found[:PAGE], page=page, more=len(found) > PAGE)


async def with_state(world: World, state: State, *, by: str | None = None) -> Listing:
    """Return the groups that stand so, and that a person is at where one is named."""
    async with world.ledger.transaction() as tx:
        found = await alertlists.of_state(tx, state, by=by, most=PAGE + 1)
    return await _listing(world, found[:PAGE], page=1, more=len(found) > PAGE)


async def _listing(world: World, found: Found, *, page: int, more: bool) -> Listing:
    groups = [one for one, _ in found]
    people = {one for row in groups for one in (row.group.acked_by, row.group.closed_by) if one}
    links = {row.group.id: world.directory.link(place.channel, place.ts) for row, place in found if place}
    shown = {number: url for number, url in links.items() if url}
    return Listing(groups, world.clock.now(), await world.names(people), shown, page, more)
