"""Who is on call, how they are reached, and until when they are left in peace."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.catalog.oncall import Contact, Rotation
from bot.domain import rota
from bot.domain.alert import Severity
from bot.domain.errors import GaveUp, Retry
from bot.domain.rota import Rota, Stretch, Why
from bot.ledger import deferring, rotas
from bot.ledger.ledger import Tx
from bot.world import World

__all__ = ["Contact", "Shift", "Why", "contact", "defer", "quiet", "rota_of", "serving", "shift", "who"]


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on call and until when. In a hole (`why` is the fallback) `people` are all who are called instead.

    `absent` is who would be on call and cannot be reached in Slack, so that the fallback is called.
    """

    person: str
    until: datetime
    why: Why
    people: Sequence[str] = ()
    absent: str | None = None


async def who(world: World, tx: Tx, rotation: str, at: datetime) -> Shift | None:
    """Return who is on call for a rotation at a moment; in a hole the fallback, and None where even that is nobody.

    `Refused` where there is no such rotation.
    """
    here = world.catalog.rotation(rotation)
    return await shift(world, here, rota.stretch(await rota_of(tx, rotation, here, at), at))


async def rota_of(tx: Tx, name: str, rotation: Rotation, at: datetime) -> Rota:
    """Return everything that says who is on call from a moment on."""
    laid = await rotas.overrides(tx, name, at)
    spans, _ = await rotas.told(tx, name, at) if rotation.import_ else ([], [])
    return replace(rotation.rota(), imported=spans).over(one.override for one in laid)


async def shift(world: World, rotation: Rotation, stretch: Stretch) -> Shift | None:
    """Return whom to call in a stretch: who is on call if they can be reached in Slack, else the fallback."""
    person = stretch.answer.person
    if person is not None and await _reachable(world, person):
        return Shift(person, stretch.end, stretch.answer.why, (person,))
    people = await _fallback(world, rotation)
    return Shift(people[0], stretch.end, Why.FALLBACK, people, person) if people else None


async def _reachable(world: World, person: str) -> bool:
    """Whether Slack knows somebody who has not left; while Slack is away, they are taken to be there."""
    try:
        known = await world.directory.person(person)
    except GaveUp:
        return False
    except Retry:
        return True
    return not (known.deleted or known.bot)


async def _fallback(world: World, rotation: Rotation) -> list[str]:
    named = rotation.fallback
    if named.person is not None:
        return [named.person]
    people: frozenset[str] = frozenset()
    with suppress(Retry, GaveUp):
        people = (await world.members({"": world.catalog.teams[named.team or ""]}))[""]
    return sorted(people)


async def fallback_calls(world: World, rotation: str) -> list[str]:
    """Return the mark-up that calls those who are called where nobody is on call."""
    named = world.catalog.rotation(rotation).fallback
    if named.person is not None:
        return [f"<@{named.person}>"]
    return await world.mentions({"": world.catalog.teams[named.team or ""]})


async def fallback_name(world: World, rotation: str) -> str:
    """Return who is called where nobody is on call, as people say it."""
    named = world.catalog.rotation(rotation).fallback
    if named.person is not None:
        return (await world.names([named.person]))[named.person]
    return named.team or ""


def serving(world: World, route: str) -> list[str]:
    """Return the names of the rotations that are for a route of alerts, in the catalog's order."""
    known = world.catalog.on_call.rotations if world.catalog.on_call else {}
    return [name for name, one in known.items() if not one.routes or route in one.routes]


def contact(world: World, person: str) -> Contact | None:
    """Return how somebody is reached, or None where the catalog does not say."""
    return world.catalog.on_call.contacts.get(person) if world.catalog.on_call else None


def quiet(world: World, person: str, zone: str, severity: Severity, at: datetime) -> datetime | None:
    """Return until when somebody is left in peace from something so bad, or None where they may be called now.

    `zone` is the one they have in Slack; the catalog's counts more.
    """
    hours = world.catalog.on_call.quiet if world.catalog.on_call else None
    if hours is None or severity >= hours.limit:
        return None
    known = contact(world, person)
    here = _zone(known.zone if known and known.zone else zone)
    today = at.astimezone(here).date()
    over_midnight = timedelta(days=hours.until <= hours.from_)
    for day in (today - timedelta(days=1), today):
        begins, ends = rota.instant(day, hours.from_, here), rota.instant(day + over_midnight, hours.until, here)
        if begins <= at < ends:
            return ends
    return None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


async def defer(tx: Tx, person: str, group_id: int, *, until: datetime) -> None:
    """Have an alert group told to somebody in the digest that they get when they are no longer left in peace."""
    await deferring.defer(tx, person, group_id, until=until)
