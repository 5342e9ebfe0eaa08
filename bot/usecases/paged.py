"""What somebody did where they were paged, such as in PagerDuty, is done here too: once, and it does not come back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.alertgroup import Acked, Group, State
from bot.domain.escalation import Escalation
from bot.ledger import alertgroups, escalations, notifications
from bot.ledger.ledger import Tx
from bot.usecases.alerting import nobody
from bot.world import World


class Deed(StrEnum):
    """What was done."""

    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done to what was told under a `key`, when, and by whom: the pager's own id and name for them.

    `event` is the pager's id of its having been done.
    """

    event: str
    deed: Deed
    key: str
    person: str
    name: str
    at: datetime


async def hear(world: World, pager: str, done: Done) -> bool:
    """Do what was done; return whether it changed anything.

    What was done before the alerts were opened again is old news: it may come late.
    """
    async with world.ledger.transaction() as tx:
        if await alertgroups.times_delivered(tx, f"pager/{pager}", done.event) > 1:
            return False
        told = await notifications.of_key(tx, done.key, pager)
        group = await alertgroups.locked(tx, told.group_id) if told else None
        one = await escalations.live(tx, group.id) if group else None
        if told is None or group is None or one is None or one.id != told.escalation:
            return False
        return await _happened(world, tx, (group, one), pager, done)


async def _happened(world: World, tx: Tx, here: tuple[Group, Escalation], pager: str, done: Done) -> bool:
    actor, (group, one) = f"pager/{pager}", here
    match done.deed:
        case Deed.ACKNOWLEDGED if group.state is State.FIRING and (one.resumed_at is None or done.at >= one.resumed_at):
            until = tx.now + world.catalog.alerting.acknowledge.for_
            person = world.mask(_person(world, pager, done))
            alertgroups.happen(tx, group, Acked(person, tx.now, until), actor=actor, by=person)
            return True
        case Deed.UNACKNOWLEDGED if group.state is State.ACKNOWLEDGED and one.held_by == actor and done.at >= one.since:
            await nobody(world, tx, group, by=actor)
            return True
        case _:
            return False


def _person(world: World, pager: str, done: Done) -> str:
    """Return who somebody is in Slack, where the catalog says so; else by their name there."""
    said = world.catalog.alerts.escalation if world.catalog.alerts else None
    section = said.pagers.get(pager) if said else None
    known = getattr(section.config, "people", {}) if section else {}
    return str(known.get(done.person) or f"{done.name or done.person} ({pager})")
