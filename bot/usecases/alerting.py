"""What monitors tell, written down before they are told that it was; and who says that they are at it."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache

from bot.domain.alert import Alert, News, Severity, Told, news
from bot.domain.alertgroup import Acked, Fired, Group, Quiet, State, Unacked, raises
from bot.domain.errors import Refused
from bot.ledger import alertgroups, cards, fingerprints
from bot.ledger.ledger import Tx
from bot.usecases import causing, escalating, graphing, groups, joining, watching
from bot.usecases.covering import covered, monitor_of, wholly
from bot.world import World

REOPENS = timedelta(minutes=15)  # what fires again so soon after its end is the same trouble, on the same card
MOST_AT_ONCE = 100  # alerts of which masking keeps nobody waiting
MOST_NAMES = 20  # of alerts, in one event of the ledger
ANSWERS = timedelta(minutes=10)  # so long may somebody take to say that they are still at it
LEASE = "lease"  # the role, with the group's revision, of the question whether somebody still is
GONE = "gone"  # the role, with the channel, of a message to those who can mend that it is gone
ACKNOWLEDGING = "acknowledge alerts"
CALL = "call"  # the role, with the group's revision, of a message that calls people


async def take(world: World, route: str, told: Told, *, digest: str = "") -> int | None:
    """Write down what a monitor tells of a group; return the group's number, or None where it has nothing to do.

    All of it commits at once. The same told again, by a peer or a repeat, is the same as told once. `digest` is of the
    bytes that came, where any did.
    """
    told = await _covered(world, told)
    async with world.ledger.transaction() as tx:
        if digest:
            alertgroups.note_delivery(tx, route, digest)
        told = watching.hear(world, tx, route, told)
        group = await fingerprints.current(tx, route, told, within=REOPENS)
        if group is None:
            return await _open(world, tx, route, told)
        return await _go_on(world, tx, group, told)


async def _covered(world: World, told: Told) -> Told:
    """Return what was told without secrets: labels and annotations are written by many hands.

    Thousands of alerts take seconds, and are looked at beside everything else: somebody's ack does not wait for them.
    """
    return await asyncio.to_thread(_masked, world, told) if len(told.alerts) > MOST_AT_ONCE else _masked(world, told)


def _masked(world: World, told: Told) -> Told:
    mask = cache(world.mask)  # most of what alerts say, they all say

    def covered(words: Mapping[str, str]) -> dict[str, str]:
        return {name: mask(value) for name, value in words.items()}

    alerts = [
        replace(one, labels=covered(one.labels), annotations=covered(one.annotations), source=mask(one.source))
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
    if len(await covered(world, tx, group, fresh.fired)) < len(fresh.fired):  # else it is known, and calls nobody
        escalating.opened(world, tx, group)
    causing.fired(world, tx, group.id, fresh.fired)
    graphing.want(world, tx, group, fresh.fired)
    return group.id


async def _go_on(world: World, tx: Tx, group: Group, told: Told) -> int:
    """Let what is news happen to a group; call people once more when it was quiet, or something worse has joined."""
    known = {one.fingerprint: one for one in await alertgroups.alerts_of(tx, group.id)}
    fresh, before = news(known, told.alerts), group
    said = replace(group, labels=told.labels, missing=told.missing, link=told.link)
    alertgroups.told(tx, said)
    if said != group or fresh.any:
        cards.touch(tx, alertgroups.subject(group.id))
    moved = [*fresh.fired, *fresh.resolved, *fresh.changed]
    alertgroups.write_alerts(tx, group, moved)
    causing.fired(world, tx, group.id, fresh.fired)
    if fresh.fired:
        group = await _fire(world, tx, group, known.values(), fresh)
    firing = any(one.firing for one in (known | {one.fingerprint: one for one in moved}).values())
    left_out = told.missing > 0 and monitor_of(world, group) is not None  # whom one can ask about what it left out
    if group.state is not State.RESOLVED and not firing and not left_out:
        group = alertgroups.happen(tx, group, Quiet(), actor="monitor")
        await causing.ended(tx, group.id)
    await joining.tell(tx, before, group, fresh)
    return group.id


async def _fire(world: World, tx: Tx, group: Group, known: Iterable[Alert], fresh: News) -> Group:
    """Let alerts fire in a group; what is silenced calls nobody, and takes nobody off it."""
    before = [one for one in known if one.firing]
    silenced = await covered(world, tx, group, [*before, *fresh.fired])
    loud = [one for one in fresh.fired if one.fingerprint not in silenced]
    if not loud and group.state is not State.RESOLVED:
        return group
    worst = max(one.severity for one in loud or fresh.fired)
    first = group.state is State.FIRING and all(one.fingerprint in silenced for one in before)
    calls = bool(loud) and (first or raises(group, worst))
    group = alertgroups.happen(tx, group, Fired(worst), actor="monitor", **_particulars(fresh))
    if calls:
        await _call(tx, group)
        escalating.raised(world, tx, group)
    return group


async def hear_again(world: World, group_id: int, silence_id: int) -> None:
    """Call people for what still fires in a group when a silence has ended, unless somebody is at it; once for each."""
    async with world.ledger.transaction() as tx:
        group = await alertgroups.locked(tx, group_id)
        if group is None or group.state is State.RESOLVED:
            return
        firing = [one for one in await alertgroups.alerts_of(tx, group_id) if one.firing]
        silenced = await covered(world, tx, group, firing)
        loud = [one for one in firing if one.fingerprint not in silenced]
        worst = max((one.severity for one in loud), default=Severity.LOW)
        worse = bool(loud) and raises(group, worst)
        if worse:
            group = alertgroups.happen(tx, group, Fired(worst), actor="engine", silence=silence_id)
        if loud and group.state is State.FIRING:
            await groups.in_thread(tx, group, f"{CALL}/{group.revision}/{silence_id}")
            (escalating.raised if worse else escalating.heard_again)(world, tx, group)


async def _call(tx: Tx, group: Group) -> None:
    """Have people called in the card's thread: an edit of the card calls nobody."""
    await groups.in_thread(tx, group, f"{CALL}/{group.revision}")


def _particulars(fresh: News) -> dict[str, object]:
    """Return what an event of the ledger says of the alerts that fire."""
    return {"alerts": [one.name for one in fresh.fired[:MOST_NAMES]], "firing": len(fresh.fired)}


def _worst(fresh: News) -> Severity:
    return max(one.severity for one in fresh.fired)


async def acknowledge(world: World, group_id: int, *, by: str) -> Group:
    """Note that somebody is at it; `Refused` when they may not, when it has ended, or when somebody is already."""
    await world.require(by, world.catalog.acknowledgers(), ACKNOWLEDGING)
    async with world.ledger.transaction() as tx:
        group = await groups.locked(tx, group_id)
        if not taken(group, by):
            until = tx.now + world.catalog.alerting.acknowledge.for_
            return alertgroups.happen(tx, group, Acked(by, tx.now, until), actor=by)
    raise await by_another(world, group)


def taken(group: Group, by: str) -> bool:
    """Whether somebody else is at it."""
    return group.state is State.ACKNOWLEDGED and group.acked_by != by


async def by_another(world: World, group: Group) -> Refused:
    """Say to whoever comes second who is at it, and how to take over."""
    at_it = group.acked_by or ""
    name = (await world.names([at_it]))[at_it]
    return Refused(f"{name} is at it already. `/assign {group.id} me` takes it over.")


async def not_yours(world: World, group: Group) -> Refused:
    """Say to whoever wants to take back what another said who that is, and how it is done nevertheless."""
    at_it = group.acked_by or ""
    name = (await world.names([at_it]))[at_it]
    return Refused(f"{name} is at it, not you. `/unack {group.id}` says that nobody is.")


async def take_back(world: World, group_id: int, *, by: str) -> Group:
    """Note that nobody is at it any more, because somebody who may say so does."""
    await world.require(by, world.catalog.acknowledgers(), "take an acknowledgement back")
    async with world.ledger.transaction() as tx:
        return await nobody(world, tx, await groups.locked(tx, group_id), by=by)


async def nobody(world: World, tx: Tx, group: Group, *, by: str) -> Group:
    """Let nobody be at a group any more; what is silenced calls nobody for that."""
    group = alertgroups.happen(tx, group, Unacked(by), actor=by)
    if await wholly(world, tx, [group.id]):
        escalating.silenced(tx, group, actor=by)
    return group


async def look_after(world: World, group_id: int) -> None:
    """Ask somebody whether they are still at it when their time is over; without an answer nobody is, and it is told.

    Done again it changes nothing: the question bears the revision it asks about.
    """
    async with world.ledger.transaction() as tx:
        group = await groups.locked(tx, group_id)
        if group.state is not State.ACKNOWLEDGED or group.acked_until is None or group.acked_until > tx.now:
            return
        if await wholly(world, tx, [group_id]):
            return  # whoever is at it is left in peace with the others until it can be heard again
        role = f"{LEASE}/{group.revision}"
        asked = await cards.of(tx, alertgroups.subject(group_id), role)
        if asked is None:  # however long their time has been over: nobody was here to ask, or all was silenced
            await groups.in_thread(tx, group, role)
            return
        if asked.created_at + ANSWERS > tx.now:
            return
        group = alertgroups.happen(tx, group, Unacked(), actor="engine", silent=group.acked_by)
        await _call(tx, group)
