"""`alertgroup:7`: the live card of an alert group, and the messages in its thread that call people once more."""

from collections.abc import Awaitable, Callable
from functools import cache

from bot.ledger import alertgroups
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.alertparts import Part
from bot.painter.pictures import Picture
from bot.plugins import introduced
from bot.ports import Gone
from bot.usecases import covering
from bot.usecases.alerting import CALL, GONE, LEASE
from bot.usecases.assigning import ASSIGNED
from bot.usecases.groups import in_thread_of
from bot.views import alerts as view
from bot.views import escalations as escalation_view
from bot.views.alerts import GroupPicture
from bot.views.kit import Message
from bot.world import World


@cache
def parts() -> tuple[Part, ...]:
    """Return what the folder of parts introduces, in the order in which the card shows it."""
    return tuple(sorted(introduced("bot.painter.alertparts", "PART", Part), key=lambda part: (part.place, part.name)))


async def places(world: World, tx: Tx, card: Card) -> tuple[str, str]:
    """Return the channel of a group's route, and the one where people see its alerts when that is gone."""
    group = await alertgroups.get(tx, int(card.subject.partition(":")[2]))
    home, channels = world.catalog.alert_channel(group.route if group else ""), world.catalog.channels
    return home, channels.deployments if home != channels.deployments else channels.approvals


async def became(_: World, tx: Tx, card: Card, why: Exception | None) -> None:
    """Have those who can mend it told that the channel is gone, in the thread of the card where it hangs then."""
    if isinstance(why, Gone) and why.place == "channel" and card.role == "live":
        await in_thread_of(tx, card, f"{GONE}/{card.channel}")


VIEWS = {CALL: view.call, LEASE: view.still}


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read everything the card of a group says."""
    group = await alertgroups.get(tx, int(card.subject.partition(":")[2]))
    if group is None:
        raise LookupError(card.subject)
    alerts = await alertgroups.alerts_of(tx, group.id)
    silenced = card.role != "live" and bool(await covering.wholly(world, tx, [group.id]))
    drawing = [await part.read(world, tx, group, alerts) for part in parts()] if card.role == "live" else []

    async def draw() -> Message:
        kind, _, about = card.role.partition("/")
        if kind == GONE:
            return escalation_view.moved(await world.mentions(world.catalog.menders()), about)
        named = group.acked_by or group.closed_by or ""
        names = await world.names([named] if named else [])
        added = [await one() for one in drawing]
        hushed = silenced or any(one.hushes for one in added)
        calls = [] if hushed else await world.mentions(world.catalog.called())
        picture = GroupPicture(
            group,
            alerts,
            names.get(named, ""),
            calls,
            lines=[block for one in added for block in one.blocks],
            buttons=[block for one in added for block in one.buttons],
        )
        if kind == ASSIGNED:
            *_, to, by = card.role.split("/")
            return view.assigned(picture, to, await world.names([to, by]), by)
        return VIEWS.get(kind, view.live)(picture)

    return draw


PICTURE = Picture("alertgroup", read, became=became, places=places)
