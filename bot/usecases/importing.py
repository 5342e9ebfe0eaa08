"""What other systems say of who is on call, taken into the ledger: it holds until they say something else."""

from datetime import timedelta

from bot.domain.errors import GaveUp, Retry
from bot.ledger import rotas
from bot.ports import Roster
from bot.ports.rosters import Told
from bot.usecases.calledby import everybody, taken_for
from bot.world import World

BEHIND, AHEAD = timedelta(days=1), timedelta(days=60)
AGAIN = timedelta(minutes=5)
MOST_NAMED = 200  # characters of what is said of a person


async def take(world: World) -> None:
    """Ask every roster whose last answer is old; what cannot be asked is noted, and the last answer holds."""
    for name, roster in world.rosters.items():
        async with world.ledger.transaction() as tx:
            last = await rotas.imported_of(tx, name)
            old = last.fault or last.told_at is None or tx.now - last.told_at >= AGAIN
        if old:
            await _take(world, name, roster)


async def _take(world: World, name: str, roster: Roster) -> None:
    now = world.clock.now()
    try:
        told = await roster.spans(since=now - BEHIND, until=now + AHEAD)
    except (Retry, GaveUp) as error:
        async with world.ledger.transaction() as tx:
            await rotas.not_told(tx, name, world.mask(error.reason)[:300])
        return
    names = await world.names(everybody(world))
    names |= {one: contact.name for one, contact in world.catalog.duty.contacts.items()}
    spans = [(one.start, one.end, world.mask(_named(one)), taken_for(world, one.said, names)) for one in told]
    async with world.ledger.transaction() as tx:
        await rotas.locked(tx, name)
        await rotas.replace_told(tx, name, spans)


def _named(one: Told) -> str:
    return " · ".join(dict.fromkeys(said.strip() for said in one.said if said.strip()))[:MOST_NAMED]
