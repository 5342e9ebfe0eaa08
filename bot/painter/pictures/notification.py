"""`notification:7`: what somebody is told in Slack of alerts, and what those are told who can mend why it failed."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from bot.domain.alertgroup import State as GroupState
from bot.domain.errors import GaveUp, Retry
from bot.domain.escalation import CHANNEL, DM, Kind
from bot.domain.notification import Notification
from bot.ledger import alertgroups, cards, hopeless, notifications
from bot.ledger.cards import Card
from bot.ledger.ledger import Tx
from bot.painter.pictures import Picture
from bot.ports import Gone
from bot.usecases import covering, notifying
from bot.views import escalations as view
from bot.views.alerts import GroupPicture
from bot.views.escalations import Telling
from bot.views.kit import Message, outside
from bot.world import World

PATIENCE = timedelta(seconds=10)  # so long may Slack take before the next way is tried as well


async def read(world: World, tx: Tx, card: Card) -> Callable[[], Awaitable[Message]]:
    """Read what a notification says."""
    one = await notifications.get(tx, _number(card))
    group = await alertgroups.get(tx, one.group_id) if one else None
    if one is None or group is None:
        raise LookupError(card.subject)
    picture = GroupPicture(group, await alertgroups.alerts_of(tx, group.id))
    silenced = one.by_hand is None and bool(await covering.wholly(world, tx, [group.id]))
    places = await cards.places(tx, [alertgroups.subject(group.id)])

    async def draw() -> Message:
        if card.role == notifying.MEND:
            return view.mend(await world.mentions(world.catalog.menders()), one.flaw, one.whom)
        place = places.get(alertgroups.subject(group.id))
        link = world.directory.link(place.channel, place.ts) if place and one.way in {DM, CHANNEL} else None
        summary = next((alert.annotations.get("summary", "") for alert in picture.firing), "")
        told = Telling(group, picture.title, summary=summary, where=link)
        addressed = await _addressed(world, one, told)
        return view.telling(replace(addressed, calls="", whose="it is silenced") if silenced else addressed)

    return draw


async def _addressed(world: World, one: Notification, told: Telling) -> Telling:
    """Say whom it calls and why, or who is at it by now: nobody is called for what is no longer theirs."""
    group = told.group
    if group.state is not GroupState.FIRING:
        names = await world.names([group.acked_by] if group.acked_by else [])
        at_it = f"{outside(names[group.acked_by])} is at it" if group.acked_by else "Nothing of it fires any more"
        return replace(told, whose=at_it)
    why = f"wanted by {outside((await world.names([one.by_hand]))[one.by_hand])}" if one.by_hand else ""
    if one.whom.kind is Kind.ROTATION:
        why = " · ".join(part for part in (f"on call for {outside(one.whom.name)}", why) if part)
    return replace(told, calls=await _calls(world, one), why=why)


async def _calls(world: World, one: Notification) -> str:
    if one.way in {DM, CHANNEL}:
        return ""
    team = world.catalog.teams.get(one.whom.name) if one.whom.kind is Kind.TEAM else None
    if team is not None:
        return " ".join(await world.mentions({one.whom.name: team}))
    return " ".join(f"<@{person}>" for person in one.who)


async def became(_: World, tx: Tx, card: Card, why: Exception | None) -> None:
    """Note that it was told, or that Slack would not; what Slack cannot do for a while is tried by the next way too."""
    if card.role == notifying.MEND:
        return
    one = await notifications.locked(tx, _number(card))
    if one is None or one.final:
        return
    match why:
        case None:
            await notifying.delivered(tx, one)
        case Gone() | GaveUp():
            if not await hopeless.hopes(tx, card):
                await notifying.not_shown(tx, one, f"Slack: {why.reason}", ever=True)
        case _:
            reason = why.reason if isinstance(why, Retry) else str(why)
            if one.asked_at is not None and tx.now - one.asked_at >= PATIENCE:
                await notifying.not_shown(tx, one, f"Slack: {reason}", ever=False)


def _number(card: Card) -> int:
    return int(card.subject.partition(":")[2])


PICTURE = Picture("notification", read, became=became, stays=True)
