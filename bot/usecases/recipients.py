"""Whom a step names, at the moment when they are told: who is on call now, who is in the team, how they are reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.alert import Severity
from bot.domain.errors import GaveUp, Refused, Retry
from bot.domain.escalation import DM, MENTION, Kind, Whom
from bot.domain.notification import Notification
from bot.usecases import oncall
from bot.usecases.oncall import Why
from bot.world import World

MOST_PEOPLE = 10  # who are told one by one; a larger team has a user group that can be mentioned


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who is told: people by their user id, or (`team`) all of a team by its mention, and at which addresses elsewhere.

    `hole` says, for whoever can mend it, that not the one is told who should be. `quiet` is until when all of them are
    left in peace.
    """

    people: Sequence[str] = ()
    team: str | None = None
    addresses: Sequence[str] = ()
    hole: str = ""
    quiet: datetime | None = None


async def find(world: World, one: Notification, severity: Severity) -> Recipients:
    """Return who is told; `GaveUp` says why nobody can be, and what mends it. `Retry`: Slack cannot be asked now."""
    if one.in_channel:
        return Recipients()
    if not one.in_slack and one.way not in world.pagers:
        raise GaveUp(f"there is no pager “{one.way}” in the catalog any more")
    needs = None if one.in_slack else world.pagers[one.way].kind.needs
    if not one.in_slack and needs is None:
        return Recipients()
    people, hole = await _people(world, one.whom)
    if needs is not None:
        return Recipients(people, addresses=_addresses(world, one.whom, people, needs), hole=hole)
    if one.by_hand is None:
        awake, until = await _awake(world, people, severity)
        if not awake:
            return Recipients(people, hole=hole, quiet=until)
        people = awake if one.way == DM else people
    team = one.whom.name if one.whom.kind is Kind.TEAM and one.way == MENTION else None
    return Recipients(people[:MOST_PEOPLE] if team is None else people, team, hole=hole)


async def _people(world: World, whom: Whom) -> tuple[list[str], str]:
    """Return who they are now, and what is to be mended."""
    match whom.kind:
        case Kind.ROTATION:
            return await _on_call(world, whom.name)
        case Kind.TEAM:
            return await _team(world, whom.name), ""
        case _:
            person = await world.directory.person(whom.name)
            if person.deleted or person.bot:
                raise GaveUp(f"{person.name} has no account in Slack any more; name another person in the policy")
            return [whom.name], ""


async def _on_call(world: World, name: str) -> tuple[list[str], str]:
    try:
        async with world.ledger.transaction() as tx:
            shift = await oncall.who(world, tx, name, tx.now)
    except Refused as no:
        raise GaveUp(str(no)) from no
    if shift is None:
        raise GaveUp(
            f"nobody is on call for {name} now, and its `fallback` is nobody: `/oncall override` fills the hole"
        )
    if shift.why is not Why.FALLBACK:
        return [shift.person], ""
    who = (
        f"who would be on call for {name} cannot be reached in Slack"
        if shift.absent
        else f"nobody is on call for {name} now"
    )
    return list(shift.people), f"{who}, so its fallback is told: `/oncall override` names another"


async def _team(world: World, name: str) -> list[str]:
    if name not in world.catalog.teams:
        raise GaveUp(f"the team {name} is no longer in the catalog; name another in the policy")
    people = sorted((await world.members({name: world.catalog.teams[name]}))[name])
    if not people:
        raise GaveUp(f"nobody is in the team {name}: put somebody into it, or name another in the policy")
    return people


def _addresses(world: World, whom: Whom, people: Sequence[str], needs: str) -> list[str]:
    known = (oncall.contact(world, person) for person in people[:MOST_PEOPLE])
    found = [str(getattr(one, needs)) for one in known if one is not None and getattr(one, needs)]
    if not found:
        raise GaveUp(f"`on_call.contacts` has no {needs} of {whom}: add it there")
    return list(dict.fromkeys(found))


async def _awake(world: World, people: Sequence[str], severity: Severity) -> tuple[list[str], datetime | None]:
    """Return those who may be called now, and until when the others are left in peace, the first of them."""
    now, awake, until = world.clock.now(), [], []
    for person in people:
        quiet = oncall.quiet(world, person, await _zone(world, person), severity, now)
        if quiet is None:
            awake.append(person)
        else:
            until.append(quiet)
    return awake, min(until, default=None)


async def _zone(world: World, person: str) -> str:
    try:
        return (await world.directory.person(person)).zone
    except (Retry, GaveUp):
        return "UTC"
