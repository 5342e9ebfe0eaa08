"""Silences: somebody wishes one, a job brings it about in Alertmanager, and the cards say how far that is.

The wish is in the ledger before Alertmanager is asked. Whoever brings it about looks first, and does what is lacking;
what was sent off and got no answer is looked for by its key before anything is sent again.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group
from bot.domain.errors import GaveUp, Refused, Retry
from bot.domain.silence import Silence, State, matchers, shared, until, work_begins
from bot.ledger import alertgroups, silences
from bot.ledger.ledger import Tx
from bot.ledger.queue import Job
from bot.usecases import watching
from bot.world import World

JOB = "silence"
WORK = "work"  # the length that lasts until work begins next


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be silent: labels, one alert (by its fingerprint), or (neither is said) the group; and for how long.

    `length` is None for: until work begins next, where the person is.
    """

    group_id: int
    length: timedelta | None
    alert: str | None = None
    labels: Mapping[str, str] | None = None
    reason: str = ""


async def ask(world: World, wish: Wish, *, by: str) -> Silence:
    """Write down that somebody wants silence; `Refused` says why not."""
    await world.require(by, world.catalog.acknowledgers(), "silence alerts")
    ends_at = await _end(world, by, wish.length, world.clock.now())
    name = (await world.names([by]))[by]
    async with world.ledger.transaction() as tx:
        group, alerts = await _group(tx, wish.group_id)
        silence = Silence(
            id=0,
            monitor=monitor_of(world, group),
            key=uuid.uuid4().hex,
            matchers=matchers(_labels(wish, alerts)),
            ends_at=ends_at,
            group_id=group.id,
            by=by,
            author=name,
            reason=world.mask(wish.reason.strip()),
        )
        silence = await silences.add(tx, silence)
        told = {"matchers": [one.words for one in silence.matchers], "until": ends_at, "reason": silence.reason}
        _note(tx, silence, "asked", by, group=group.id, **told)
        silences.touch(tx, silence, [])
        tx.enqueue(Job(JOB, silence.id))
        return silence


async def extend(world: World, silence_id: int, *, by: str, length: timedelta | None) -> Silence:
    """Have a silence last longer: by a length, or (None) until work begins next."""
    await world.require(by, world.catalog.acknowledgers(), "silence alerts")
    now = world.clock.now()
    async with world.ledger.transaction() as tx:
        before = await _locked(tx, silence_id)
        if before.state in {State.ENDING, State.OVER, State.REMOVED, State.REFUSED} or before.ends_at <= now:
            raise Refused(f"Silence {silence_id} is over; press Silence… to make another.")
        ends_at = await _end(world, by, length, max(before.ends_at, now) if length else now)
        until(ends_at - now, now)
        after = silences.write(tx, before, replace(before, ends_at=max(ends_at, before.ends_at), busy_until=None))
        _note(tx, after, "extended", by, until=after.ends_at)
        await _show(world, tx, after)
        tx.enqueue(Job(JOB, silence_id))
        return after


async def end(world: World, silence_id: int, *, by: str) -> Silence:
    """Write down that somebody wants a silence to end now."""
    await world.require(by, world.catalog.acknowledgers(), "end a silence")
    async with world.ledger.transaction() as tx:
        before = await _locked(tx, silence_id)
        if before.state.ended or before.state is State.ENDING:
            raise Refused(f"Silence {silence_id} is over already.")
        after = silences.write(tx, before, replace(before, state=State.ENDING, ended_by=by, busy_until=None, tries=0))
        _note(tx, after, "ending", by)
        await _show(world, tx, after)
        tx.enqueue(Job(JOB, silence_id))
        return after


async def peek(world: World, group_id: int) -> tuple[Group, list[Alert]]:
    """Return a group and its alerts, for the window that asks what is to be silent; `Refused` where nothing can be."""
    async with world.ledger.transaction() as tx:
        group, alerts = await _group(tx, group_id)
    monitor_of(world, group)
    return group, alerts


async def possible(world: World, group_id: int) -> bool:
    """Whether a group may be silenced at all: its Alertmanager is known."""
    try:
        await peek(world, group_id)
    except Refused:
        return False
    return True


async def held(world: World, silence_id: int) -> Silence:
    """Return a silence; `Refused` where there is none of the number."""
    async with world.ledger.transaction() as tx:
        return await _locked(tx, silence_id)


def monitor_of(world: World, group: Group) -> str:
    """Return the Alertmanager that a group's silences are made in; `Refused` where its API is not known."""
    if watching.ours(group):
        raise Refused("That a monitor is quiet cannot be silenced in the monitor; acknowledge it.")
    name = world.catalog.alerting.monitor_of(group.route)
    if name is None or name not in world.silences:
        why = f"the catalog does not say where the Alertmanager of {group.route} is reached"
        way = f"say `alertmanager: {{ url: … }}` under `alerts` or under its route {group.route}"
        raise Refused(f"Nothing can be silenced: {why}; {way}.")
    return name


async def affected(world: World, tx: Tx, silence: Silence) -> list[int]:
    """Return the open groups in which something fires that a silence covers, or would."""
    if world.catalog.alerts is None:
        return []
    monitor_of_route = world.catalog.alerts.monitor_of
    return sorted(
        {
            number
            for number, route, alert in await silences.firing(tx)
            if monitor_of_route(route) == silence.monitor and silence.matches(alert)
        }
    )


async def _show(world: World, tx: Tx, silence: Silence) -> list[int]:
    """Have every card painted anew that says something of a silence; return the groups."""
    groups = await affected(world, tx, silence)
    silences.touch(tx, silence, groups)
    return groups


def _note(tx: Tx, silence: Silence, kind: str, actor: str, **particulars: object) -> None:
    tx.record(f"silence.{kind}", actor=actor, subject=silences.subject(silence.id), **particulars)


async def _end(world: World, person: str, length: timedelta | None, start: datetime) -> datetime:
    """Return when a silence ends that a person wants from then on."""
    if length is not None:
        return until(length, start)
    hours = world.catalog.alerting.working_hours
    return work_begins(start, await _zone(world, person), at=hours.at, days=hours.weekdays)


async def _zone(world: World, person: str) -> ZoneInfo:
    try:
        return ZoneInfo((await world.directory.person(person)).zone)
    except (Retry, GaveUp) as error:
        raise Refused("Slack does not say now in which time zone you are; say how long instead, such as 4h.") from error
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _labels(wish: Wish, alerts: list[Alert]) -> Mapping[str, str]:
    """Return the labels that a wish means."""
    if wish.labels is not None:
        if not any(wish.labels.items() <= one.labels.items() for one in alerts):
            said = ", ".join(f"{name}={value}" for name, value in wish.labels.items())
            raise Refused(
                f"No alert of group {wish.group_id} has {said or 'no label at all'}; choose labels that it has."
            )
        return wish.labels
    if wish.alert is not None:
        found = next((one for one in alerts if one.fingerprint == wish.alert), None)
        if found is None:
            raise Refused("That alert is not in the group any more; open the window anew.")
        return found.labels
    labels = shared([one for one in alerts if one.firing] or alerts)
    if not labels:
        raise Refused("Its alerts have no label in common, so all of them would be everything: choose one, or labels.")
    return labels


async def _group(tx: Tx, group_id: int) -> tuple[Group, list[Alert]]:
    group = await alertgroups.get(tx, group_id)
    if group is None:
        raise Refused(f"There is no alert group {group_id}.")
    return group, await alertgroups.alerts_of(tx, group_id)


async def _locked(tx: Tx, silence_id: int) -> Silence:
    silence = await silences.locked(tx, silence_id)
    if silence is None:
        raise Refused(f"There is no silence {silence_id}.")
    return silence
