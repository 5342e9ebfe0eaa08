"""Alert groups as use cases have them: locked, and with a thread in which something can be said."""

from bot.domain.alertgroup import Group
from bot.domain.errors import Refused
from bot.ledger import alertgroups, cards
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx


async def locked(tx: Tx, group_id: int) -> Group:
    """Return a group that nobody else changes until the commit; `Refused` where there is none."""
    group = await alertgroups.locked(tx, group_id)
    if group is None:
        raise Refused(f"There is no alert group {group_id}.")
    return group


async def in_thread(tx: Tx, group: Group, role: str) -> None:
    """Have something said in the thread of a group's card, once for each role."""
    live = await cards.of(tx, alertgroups.subject(group.id), "live")
    if live is not None:
        await in_thread_of(tx, live, role)


async def in_thread_of(tx: Tx, live: Card, role: str) -> None:
    """Have something said in the thread of a group's live card, once for each role."""
    await cards.add(tx, live.subject, role, live.channel, thread_of=live.id)
