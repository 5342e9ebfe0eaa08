"""What `/oncall` shows: who is on call now and next, holes, overrides, and how people are reached."""

from datetime import timedelta

from bot.catalog.oncall import Rotation
from bot.domain import rota
from bot.domain.errors import GaveUp, Retry
from bot.domain.rota import HORIZON, Rota, Stretch
from bot.ledger import rotas
from bot.ledger.ledger import Tx
from bot.usecases import oncall
from bot.usecases.oncall import Why, rota_of
from bot.views.oncall import Board, Import, Laid, Line, Reach
from bot.world import World

SOON, LATER = timedelta(days=14), timedelta(days=28)


async def look(world: World, asker: str, rotation: str | None = None) -> Board:
    """Read one rotation, or all, as the asker may see them: a phone number is for some only."""
    known = world.catalog.duty.rotations
    chosen = {rotation: world.catalog.rotation(rotation)} if rotation else known
    async with world.ledger.transaction() as tx:
        read = [await _line(tx, name, here) for name, here in chosen.items()]
    lines = [await _called(world, chosen[line.name], line) for line in read]
    people = {one.answer.person for line in lines for one in line.shifts if one.answer.person}
    people |= {one for line in lines for laid in line.overrides for one in (laid.person, laid.by)}
    people |= {line.absent for line in lines if line.absent}
    return Board(lines, await world.names(people), await contacts(world, asker))


async def contacts(world: World, asker: str) -> dict[str, Reach]:
    """Return the table of contacts, by person, as the asker may see it."""
    shown = await sees_phones(world, asker)
    return {
        person: Reach(one.role, one.name, one.email, one.phone if shown else None, one.on_call)
        for person, one in world.catalog.duty.contacts.items()
    }


async def sees_phones(world: World, person: str) -> bool:
    """Whether phone numbers may be whispered to somebody; while that cannot be asked, they are not."""
    try:
        members = await world.members(world.catalog.phone_readers())
    except (Retry, GaveUp):
        return False
    return any(person in people for people in members.values())


async def _line(tx: Tx, name: str, here: Rotation) -> Line:
    now = await rota_of(tx, name, here, tx.now)
    laid = [
        Laid(one.override.number, one.override.person, one.override.start, one.override.end, one.by)
        for one in await rotas.overrides(tx, name, tx.now)
    ]
    imported = await _import(tx, name) if here.import_ else None
    holes = rota.holes(now, tx.now, tx.now + LATER)
    return Line(name, shifts(now, tx), laid, holes, imported=imported)


def shifts(now: Rota, tx: Tx) -> list[Stretch]:
    """Return the stretches from now on: of two weeks, or until there is one that comes next."""
    first = rota.stretch(now, tx.now)
    if first.end - first.start >= HORIZON:
        return [first]
    return [first, *rota.stretches(now, first.end, max(tx.now + SOON, first.end + SOON))]


async def _import(tx: Tx, name: str) -> Import:
    said = await rotas.imported_of(tx, name)
    _, unknown = await rotas.told(tx, name, tx.now)
    return Import(said.told_at, said.fault, list(dict.fromkeys(one.named for one in unknown)))


async def _called(world: World, here: Rotation, line: Line) -> Line:
    """Return the line with who is called in a hole."""
    shift = await oncall.shift(world, here, line.shifts[0])
    absent = shift.absent if shift else None
    if shift is not None and shift.why is not Why.FALLBACK:
        return line
    instead = await oncall.fallback_name(world, line.name)
    return Line(line.name, line.shifts, line.overrides, line.holes, instead, absent, line.imported)
