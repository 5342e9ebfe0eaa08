"""What is told of rotations by the calendar: that it has changed hands, that there will be a hole, and the digests."""

from datetime import datetime, time, timedelta

from bot.catalog.oncall import Rotation
from bot.domain import rota
from bot.domain.alertgroup import Group
from bot.domain.rota import Stretch, Why
from bot.ledger import alertgroups, cards, deferring, rotas
from bot.ledger.ledger import Tx
from bot.ledger.rotas import HANDOFF, HOLE, Notice
from bot.usecases.oncall import rota_of, serving, who
from bot.usecases.overriding import channel
from bot.world import World

WARNED = timedelta(days=7)  # so long before a hole it is told
DAY = timedelta(days=1)


async def look(world: World) -> None:
    """Tell of every rotation that has changed hands since it was last looked at; the first time only note who has it.

    However often and by however many it is looked at, a hand-off is told once: it is found by what was told last.
    """
    duty = world.catalog.on_call
    for name in duty.rotations if duty else ():
        async with world.ledger.transaction() as tx:
            await rotas.locked(tx, name)
            await _look_at(world, tx, name)


async def _look_at(world: World, tx: Tx, name: str) -> None:
    shift, last = await who(world, tx, name, tx.now), await rotas.newest_handoff(tx, name)
    person = shift.person if shift and shift.why is not Why.FALLBACK else None
    if last is not None and last.person == person:
        return
    until = shift.until if shift else tx.now + DAY
    why = shift.why if shift else Why.FALLBACK
    before = last.person if last else None
    number = await rotas.notice(tx, Notice(0, name, HANDOFF, tx.now, until, before, person, why))
    if number is None or (last is None and person is not None):
        return
    subject = f"handoff:{number}"
    tx.record("rota.handed_over", actor="schedule", subject=subject, rotation=name, person=person, before=before)
    await cards.add(tx, subject, "live", channel(world, name))
    for group in await open_groups(world, tx, name):
        cards.touch(tx, alertgroups.subject(group.id))


async def open_groups(world: World, tx: Tx, rotation: str) -> list[Group]:
    """Return the alert groups that a rotation is for and that have not ended, the worst first."""
    return [one for one in await alertgroups.open_ones(tx) if rotation in serving(world, one.route)]


async def warn(world: World) -> None:
    """Tell of the holes of the next days, once for each rotation and week, to those who can mend them."""
    duty = world.catalog.on_call
    for name, rotation in duty.rotations.items() if duty else ():
        async with world.ledger.transaction() as tx:
            found = await holes_to_come(tx, name, rotation, tx.now, tx.now + WARNED)
            if not found:
                continue
            week = monday(found[0].start, rotation)
            number = await rotas.notice(tx, Notice(0, name, HOLE, week, week + WARNED, None, None, Why.FALLBACK))
            if number is not None:
                tx.record("rota.hole", actor="schedule", subject=f"rotahole:{number}", rotation=name)
                await cards.add(tx, f"rotahole:{number}", "live", channel(world, name))


async def holes_to_come(tx: Tx, name: str, rotation: Rotation, start: datetime, end: datetime) -> list[Stretch]:
    """Return a rotation's holes that begin after a moment; none where nothing has been imported yet."""
    if rotation.import_ and (await rotas.imported_of(tx, name)).told_at is None:
        return []
    return [one for one in rota.holes(await rota_of(tx, name, rotation, start), start, end) if one.start > start]


def monday(at: datetime, rotation: Rotation) -> datetime:
    """Return the beginning of a moment's (ISO) week, by a rotation's clock."""
    day = at.astimezone(rotation.here).date()
    return rota.instant(day - day.weekday() * DAY, time(), rotation.here)


async def tell_digests(world: World) -> None:
    """Tell everybody who is no longer left in peace what waited for them: one message for each of them."""
    async with world.ledger.transaction() as tx:
        people = await deferring.due(tx)
    for person in people:
        async with world.ledger.transaction() as tx:
            number = await deferring.gather(tx, person)
            if number is not None:
                subject = deferring.subject(number)
                tx.record("digest.made", actor="schedule", subject=subject, person=person)
                await cards.add(tx, subject, "live", person)
