"""What monitors tell, written down before they are told that it was; and who says that they are at it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.domain.alert import News, Severity, Told, news
from bot.domain.alertgroup import Acked, Fired, Group, Quiet, State, Unacked, raises
from bot.domain.errors import Refused
from bot.ledger import alertgroups, cards
from bot.ledger.ledger import Tx
from bot.usecases import graphing
from bot.world import World

REOPENS = timedelta(minutes=15)  # what fires again so soon after its end is the same trouble, on the same card
MOST_NAMES = 20  # of alerts, in one event of the ledger
ANSWERS = timedelta(minutes=10)  # so long may somebody take to say that they are still at it
LEASE = "lease"  # the role, with the group's revision, of the question whether somebody still is
CALL = "call"  # the role, with the group's revision, of a message that calls people


async def take(world: World, route: str, told: Told, *, digest: str) -> int | None:
    """Write down what a monitor tells of a group; return the group's number, or None where it has nothing to do.

    All of it commits at once. The same told again, by a peer or a repeat, is the same as told once.
    """
    told = _covered(world, told)
    async with world.ledger.transaction() as tx:
        alertgroups.note_delivery(tx, route, digest)
        group = await alertgroups.current(tx, route, told.key, within=REOPENS)
        if group is None:
            return await _open(world, tx, route, told)
        return await _go_on(tx, group, told)


def _covered(world: World, told: Told) -> Told:
    """Return what was told without secrets: labels and annotations are written by many hands."""

    def covered(words: Mapping[str, str]) -> dict[str, str]:
        return {name: world.mask(value) for name, value in words.items()}

    alerts = [
        replace(one, labels=covered(one.labels), annotations=covered(one.annotations), source=world.mask(one.source))
        for one in told.alerts
    ]
    return replace(told, alerts=alerts, labels=covered(told.labels), link=world.mask(told.link))


async def _open(world: World, tx: Tx, route: str, told: Told) -> int | None:
    """Write a new group down, and have it shown; what ended before anybody was told that it fired is no group."""
    fresh = news({}, told.alerts)
    if not fresh.fired:
        return None
    draft = Group(0, route, told.key, told.labels, severity=_worst(fresh), missing=told.missing, link=told.link)
    group = await alertgroups.open_one(tx, draft)
    subject, severity = alertgroups.subject(group.id), group.severity.word
    tx.record(
        "alertgroup.opened", actor="monitor", subject=subject, route=route, severity=severity, **_particulars(fresh)
    )
    await cards.add(tx, subject, "live", world.catalog.alert_channel(route))
    alertgroups.write_alerts(tx, group, fresh.fired)
    graphing.want(world, tx, group, fresh.fired)
    return group.id


async def _go_on(tx: Tx, group: Group, told: Told) -> int:
    """Let what is news happen to a group; call people once more when it was quiet, or something worse has joined."""
    known = {one.fingerprint: one for one in await alertgroups.alerts_of(tx, group.id)}
    fresh = news(known, told.alerts)
    said = replace(group, labels=told.labels, missing=told.missing, link=told.link)
    alertgroups.told(tx, said)
    if said != group or fresh.any:
        cards.touch(tx, alertgroups.subject(group.id))
    moved = [*fresh.fired, *fresh.resolved, *fresh.changed]
    alertgroups.write_alerts(tx, group, moved)
    if fresh.fired:
        worst = _worst(fresh)
        calls = raises(group, worst)
        group = alertgroups.happen(tx, group, Fired(worst), actor="monitor", **_particulars(fresh))
        if calls:
            await _call(tx, group)
    firing = any(one.firing for one in (known | {one.fingerprint: one for one in moved}).values())
    if group.state is not State.RESOLVED and not firing:
        group = alertgroups.happen(tx, group, Quiet(), actor="monitor")
    return group.id


async def _call(tx: Tx, group: Group) -> None:
    """Have people called in the card's thread: an edit of the card calls nobody."""
    await _in_thread(tx, group, f"{CALL}/{group.revision}")


async def _in_thread(tx: Tx, group: Group, role: str) -> None:
    """Have something said in the thread of a group's card, once for each role."""
    live = await cards.of(tx, alertgroups.subject(group.id), "live")
    if live is not None:
        await cards.add(tx, alertgroups.subject(group.id), role, live.channel, thread_of=live.id)


def _particulars(fresh: News) -> dict[str, object]:
    """Return what an event of the ledger says of the alerts that fire."""
    return {"alerts": [one.name for one in fresh.fired[:MOST_NAMES]], "firing": len(fresh.fired)}


def _worst(fresh: News) -> Severity:
    return max(one.severity for one in fresh.fired)


async def acknowledge(world: World, group_id: int, *, by: str) -> Group:
    """Note that somebody is at it; `Refused` when they may not, when it has ended, or when they said so already."""
    await world.require(by, world.catalog.acknowledgers(), "acknowledge alerts")
    async with world.ledger.transaction() as tx:
        group = await _locked(tx, group_id)
        until = tx.now + world.catalog.alerting.acknowledge.for_
        return alertgroups.happen(tx, group, Acked(by, tx.now, until), actor=by)


async def take_back(world: World, group_id: int, *, by: str) -> Group:
    """Note that nobody is at it any more, because somebody who may say so does."""
    await world.require(by, world.catalog.acknowledgers(), "take an acknowledgement back")
    async with world.ledger.transaction() as tx:
        return alertgroups.happen(tx, await _locked(tx, group_id), Unacked(by), actor=by)


async def look_after(world: World, group_id: int) -> None:
    """Ask somebody whether they are still at it when their time is over; without an answer nobody is, and it is told.

    Done again it changes nothing: the question bears the revision it asks about.
    """
    async with world.ledger.transaction() as tx:
        group = await _locked(tx, group_id)
        if group.state is not State.ACKNOWLEDGED or group.acked_until is None or group.acked_until > tx.now:
            return
        if group.acked_until + ANSWERS > tx.now:
            await _in_thread(tx, group, f"{LEASE}/{group.revision}")
            return
        group = alertgroups.happen(tx, group, Unacked(), actor="engine", silent=group.acked_by)
        await _call(tx, group)


async def _locked(tx: Tx, group_id: int) -> Group:
    group = await alertgroups.locked(tx, group_id)
    if group is None:
        raise Refused(f"There is no alert group {group_id}.")
    return group
