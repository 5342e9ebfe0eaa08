"""What somebody says in the thread of an alert group's card, or by a reaction on it: that they are at it, or no longer.

It is the same as the button, and only less formal: where nothing is to be said it stays silent, because people also
talk to each other. Slack tells things twice and in any order; see `bot.ledger.hearing`.
"""

from dataclasses import dataclass

from bot.domain.alertgroup import Acked, Group, State
from bot.domain.errors import Refused
from bot.ledger import alertgroups, hearing
from bot.ledger.ledger import Tx
from bot.usecases.alerting import ACKNOWLEDGING, by_another, nobody, taken
from bot.usecases.groups import locked
from bot.world import World

_REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Word:
    """Who said it, under or on which message (`channel` and `under`), and when by Slack's clock (`at`)."""

    person: str
    channel: str
    under: str
    at: str


async def acknowledge(world: World, word: Word) -> Group | None:
    """Note that somebody is at it, and return the group; None where there is nothing to say of it.

    `Refused` tells who may instead, once, or who is at it already.
    """
    number = await _group_of(world, word)
    if number is None or not await _may(world, word, number):
        return None
    async with world.ledger.transaction() as tx:
        group = await locked(tx, number)
        if not await _news(tx, word, number) or group.state is State.RESOLVED or group.acked_by == word.person:
            return None
        if not taken(group, word.person):
            until = tx.now + world.catalog.alerting.acknowledge.for_
            return alertgroups.happen(tx, group, Acked(word.person, tx.now, until), actor=word.person)
    raise await by_another(world, group)


async def take_back(world: World, word: Word) -> tuple[Group, bool] | None:
    """Note that somebody is no longer at it: only one's own is taken back; return the group, and whether it was.

    None where there is nothing to say of it.
    """
    number = await _group_of(world, word)
    if number is None:
        return None
    async with world.ledger.transaction() as tx:
        group = await locked(tx, number)
        if not await _news(tx, word, number) or group.state is not State.ACKNOWLEDGED:
            return None
        if group.acked_by != word.person:
            return group, False
        return await nobody(world, tx, group, by=word.person), True


async def _group_of(world: World, word: Word) -> int | None:
    """Return the number of the group whose card it is about; most of what people say is about none."""
    if world.catalog.alerts is None:
        return None
    subject = await hearing.subject_at(world.ledger.reading, word.channel, word.under)
    kind, _, number = (subject or "").partition(":")
    return int(number) if kind == "alertgroup" else None


async def _news(tx: Tx, word: Word, number: int) -> bool:
    return await hearing.news(tx, alertgroups.subject(number), word.person, word.at)


async def _may(world: World, word: Word, number: int) -> bool:
    """Whether somebody may acknowledge; who may not is told so the first time (`Refused`), and left alone after."""
    try:
        await world.require(word.person, world.catalog.acknowledgers(), ACKNOWLEDGING)
    except Refused:
        async with world.ledger.transaction() as tx:
            first = await hearing.first(tx, alertgroups.subject(number), word.person, _REFUSED, word.at)
        if first:
            raise
        return False
    return True
