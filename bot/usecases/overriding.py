"""Overrides: somebody is on call instead of another, two swap, and either is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain import rota
from bot.domain.errors import Refused
from bot.domain.rota import Override, Rota, Stretch
from bot.ledger import cards, rotas
from bot.ledger.ledger import Tx
from bot.ledger.rotas import Made
from bot.usecases.calledby import known
from bot.usecases.oncall import rota_of
from bot.world import World

LONGEST = timedelta(days=92)
AHEAD = timedelta(days=92)  # as far a shift is looked for that somebody wants to swap


@dataclass(frozen=True, slots=True)
class Laid:
    """Overrides that were made, and those under them that hold again where these do not."""

    made: Sequence[Made]
    under: Sequence[Made] = ()


async def override(world: World, rotation: str, span: rota.Span, *, by: str) -> Laid:
    """Put somebody on call for a time; `Refused` when one may not, or it cannot be."""
    await _require(world, rotation, by)
    await known(world, span.person)
    async with world.ledger.transaction() as tx:
        if not max(span.start, tx.now) < span.end:
            raise Refused("It would end before it begins; say a later `until`, or how long with `for 4h`.")
        if span.end - span.start > LONGEST:
            raise Refused(f"That is longer than {LONGEST.days} days; what lasts so long belongs into the catalog.")
        await rotas.locked(tx, rotation)
        others = await rotas.overrides(tx, rotation, max(span.start, tx.now))
        under = [one for one in others if one.override.start < span.end and span.start < one.override.end]
        made = await _lay(world, tx, rotation, span, by=by)
        return Laid([made], under)


async def swap(world: World, rotation: str, one: str, other: str, *, by: str, after: datetime | None = None) -> Laid:
    """Have two people take each other's next shift, from now or from a time on."""
    await _require(world, rotation, by)
    if one == other:
        raise Refused("That is one person; a swap needs two.")
    for person in (one, other):
        await known(world, person)
    names = await world.names([one, other])
    async with world.ledger.transaction() as tx:
        await rotas.locked(tx, rotation)
        begin = after or tx.now
        now = await rota_of(tx, rotation, world.catalog.rotation(rotation), begin)
        mine, theirs = (_next(now, person, begin, names[person]) for person in (one, other))
        first = await _lay(world, tx, rotation, rota.Span(mine.start, mine.end, other), by=by)
        second = rota.Span(theirs.start, theirs.end, one)
        return Laid([first, await _lay(world, tx, rotation, second, by=by, pair=first.override.number)])


async def take_back(world: World, number: int, *, by: str) -> Sequence[Made]:
    """Take an override back, and the other half with it where it is a swap; return them as they were."""
    async with world.ledger.transaction() as tx:
        made = await rotas.override(tx, number)
    if made is None:
        raise Refused(f"There is no override {number}; `/oncall` shows those that hold.")
    await _require(world, made.rotation, by, unless={made.by, made.override.person})
    async with world.ledger.transaction() as tx:
        await rotas.locked(tx, made.rotation)
        both = [one for one in await rotas.pair_of(tx, made) if one.undone_by is None]
        left = [one for one in both if one.override.end > tx.now]
        if not left:
            said = "has been taken back already" if not both else "is over"
            raise Refused(f"Override {number} {said}, so there is nothing to take back.")
        for one in left:
            subject = rotas.override_subject(one.override.number)
            await rotas.take_back(tx, one.override.number, by=by)
            tx.record("rota.taken_back", actor=by, subject=subject, rotation=one.rotation)
            cards.touch(tx, subject, urgent=True)
        cards.touch(tx, rotas.override_subject(made.pair or number), urgent=True)
        await _mended(tx, made.rotation)
        return left


def _next(now: Rota, person: str, begin: datetime, name: str) -> Stretch:
    found = (one for one in rota.stretches(now, begin, begin + AHEAD) if one.answer.person == person)
    shift = next(found, None)
    if shift is None:
        raise Refused(f"{name} has no shift there in the next {AHEAD.days} days, so there is nothing to swap.")
    return shift


async def _lay(world: World, tx: Tx, rotation: str, span: rota.Span, *, by: str, pair: int | None = None) -> Made:
    """Write an override down and have it told; the two of a swap are told of on one card."""
    draft = Override(0, max(span.start, tx.now), span.end, span.person)
    made = await rotas.lay(tx, rotation, draft, by=by, pair=pair)
    subject = rotas.override_subject(made.override.number)
    said = {"rotation": rotation, "person": span.person, "start": draft.start, "end": draft.end}
    tx.record("rota.overridden", actor=by, subject=subject, **said)
    if pair is None:
        await cards.add(tx, subject, "live", channel(world, rotation))
    await _mended(tx, rotation)
    return made


async def _mended(tx: Tx, rotation: str) -> None:
    """Have what was told of holes painted anew: one may be filled now, or be there again."""
    for hole in await rotas.holes_to_come(tx, rotation):
        cards.touch(tx, f"rotahole:{hole.id}")


def channel(world: World, rotation: str) -> str:
    """Return the channel in which a rotation's hand-offs are told."""
    known_ = world.catalog.on_call.rotations.get(rotation) if world.catalog.on_call else None
    channels = world.catalog.channels
    return (known_.channel if known_ else None) or channels.alerts or channels.deployments


async def _require(world: World, rotation: str, by: str, *, unless: Sequence[str] | set[str] = ()) -> None:
    """Refuse somebody who is neither on a rotation nor keeps it."""
    here = world.catalog.rotation(rotation)
    theirs = here.people | (set(world.catalog.duty.contacts) if here.import_ else set())
    if by in theirs or by in unless:
        return
    await world.require(by, world.catalog.keepers(), f"change who is on call for {rotation}, or who is on call there")
