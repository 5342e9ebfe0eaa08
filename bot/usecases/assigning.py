"""Giving an alert group to somebody, or taking it over: they are at it from then on, and are told so, once."""

from bot.domain.alertgroup import Assigned, Group
from bot.domain.errors import Refused
from bot.ledger import alertgroups
from bot.usecases.alerting import ACKNOWLEDGING
from bot.usecases.calledby import known, meant
from bot.usecases.groups import in_thread, locked
from bot.world import World

ASSIGNED = "assigned"  # the role, with the group's revision, to whom and by whom: who is mentioned in the thread
ASSIGNING = "assign alerts"
_ME = frozenset({"me", "myself"})


async def assign(world: World, group_id: int, to: str, *, by: str) -> Group:
    """Note that somebody is at it because another says so; `Refused` when either of them may not acknowledge."""
    await world.require(by, world.catalog.acknowledgers(), ASSIGNING)
    await _able(world, to)
    async with world.ledger.transaction() as tx:
        group = await locked(tx, group_id)
        until = tx.now + world.catalog.alerting.acknowledge.for_
        group = alertgroups.happen(tx, group, Assigned(to, tx.now, until), actor=by, to=to)
        if to != by:
            await in_thread(tx, group, f"{ASSIGNED}/{group.revision}/{to}/{by}")
        return group


async def check(world: World, *, by: str) -> None:
    """Refuse who may not assign, before a window opens."""
    await world.require(by, world.catalog.acknowledgers(), ASSIGNING)


async def _able(world: World, person: str) -> None:
    """Refuse a person who may not acknowledge, by their name."""
    teams = world.catalog.acknowledgers()
    members = await world.members(teams)
    if any(person in people for people in members.values()):
        return
    name = (await world.names([person]))[person]
    raise Refused(
        f"{name} may not {ACKNOWLEDGING}: only {' and '.join(teams)} may. Choose somebody of {' or '.join(teams)}."
    )


async def called(world: World, word: str, *, by: str) -> str:
    """Return who is meant by a mention, a Slack user id, a name, or `me`; of names only those who may acknowledge."""
    if word.strip().removeprefix("@").casefold() in _ME:
        return by
    mention = word.strip().removeprefix("<@").removesuffix(">").partition("|")[0]
    if mention[:1] in {"U", "W"} and mention.isalnum() and mention.isupper():
        return await known(world, mention)
    members = await world.members(world.catalog.acknowledgers())
    names = await world.names(set().union(*members.values()))
    found = sorted(meant(word.strip().removeprefix("@"), names, {}))
    if len(found) == 1:
        return found[0]
    there = ", ".join(sorted(names[one] for one in (found or names)))
    if found:
        raise Refused(f"“{word}” may be {there}; write the whole name, in quotation marks.")
    raise Refused(f"Nobody who may {ACKNOWLEDGING} is called “{word}”. There are {there}.")
