"""Asking an Alertmanager what really fires and what is silenced there, and mending what the ledger says otherwise.

Messages get lost: a group would fire for ever when the word of its end did. So whatever is told late, wrongly or never
is found by asking; what is found goes the way of everything that monitors tell (`alerting.take`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from bot.domain.alert import Alert, Told
from bot.domain.alertgroup import Group, State
from bot.domain.errors import GaveUp, Retry
from bot.domain.reconciling import conclusive, doubt
from bot.domain.silence import Firing, Sight
from bot.ledger import alertgroups, doubts
from bot.ledger.doubts import Known
from bot.usecases import adopting, alerting, watching
from bot.world import World

MOST_NAMES = 20  # in one event of the ledger

log = structlog.get_logger(__name__)


async def reconcile(world: World, monitor: str) -> None:
    """Ask an Alertmanager, and mend what is wrong. Of one that does not answer nothing is concluded."""
    before = await adopting.known(world, monitor)
    try:
        sight = await world.silences[monitor].look()
    except (Retry, GaveUp) as error:
        log.warning("a monitor cannot be asked", monitor=monitor, reason=world.mask(error.reason))
        await _hold(world, monitor, {}, sure=False)
        return
    await adopting.adopt(world, monitor, sight, before)
    seen = {one.fingerprint: one for one in sight.alerts}
    ripe = await _hold(world, monitor, seen, sure=conclusive(sight, world.clock.now()))
    for group_id in sorted({known.group_id for known, _ in ripe}):
        await _mend(world, group_id, [(known, since) for known, since in ripe if known.group_id == group_id], seen)
    if conclusive(sight, world.clock.now()):
        await _close_cut(world, monitor, sight)


def _routes(world: World, monitor: str) -> list[str]:
    """Return the routes whose alerts an Alertmanager can be asked about by their fingerprints."""
    alerts = world.catalog.alerting
    return [
        name
        for name, one in alerts.routes.items()
        if alerts.monitor_of(name) == monitor and (one.json_ is None or one.json_.whole().fingerprint)
    ]


async def _hold(world: World, monitor: str, seen: dict[str, Firing], *, sure: bool) -> list[tuple[Known, datetime]]:
    """Hold the doubts that there are; return those that have lasted, with since when."""
    routes = _routes(world, monitor)
    async with world.ledger.transaction() as tx:
        firing = await doubts.firing(tx, routes, own_key=watching.OWN)
        names = {one.fingerprint for one in firing}
        told = [name for name, one in seen.items() if one.told and name not in names]
        ended = [one for one in await doubts.newest(tx, routes, told) if one.ended_at is not None]
        found = {
            (one.group_id, one.fingerprint): (one, about)
            for one in [*(firing if sure else ()), *ended]
            if (about := doubt(one.ended_at, seen.get(one.fingerprint), tx.now)) is not None
        }
        since = await doubts.hold(tx, routes, list(found))
        return [(one, since[which]) for which, (one, about) in found.items() if tx.now - since[which] >= about.lasts]


async def _mend(world: World, group_id: int, ripe: Sequence[tuple[Known, datetime]], seen: dict[str, Firing]) -> None:
    """Have a group's alerts be as the monitor says: those that nobody ended fire, the others have ended."""
    async with world.ledger.transaction() as tx:
        group = await alertgroups.get(tx, group_id)
        known = {one.fingerprint: one for one in await alertgroups.alerts_of(tx, group_id)}
        if group is None:
            return
        mended = [
            _mended(alert, since, seen)
            for one, since in ripe
            if (alert := known.get(one.fingerprint)) is not None and alert.ends_at == one.ended_at
        ]
        firing = [one.name for one in mended if one.firing][:MOST_NAMES]
        over = [one.name for one in mended if not one.firing][:MOST_NAMES]
        about = {"fires": firing, "ended": over}
        tx.record("alertgroup.reconciled", actor="reconciler", subject=alertgroups.subject(group_id), **about)
    await alerting.take(world, group.route, _told(group, mended, group.missing))


def _mended(alert: Alert, since: datetime, seen: dict[str, Firing]) -> Alert:
    """Return an alert as the monitor says it is.

    One that never ended begins again where it was said to have ended: what is told of it later is newer than that.
    """
    if alert.firing:
        return replace(alert, ends_at=max(since, alert.starts_at))
    began = seen[alert.fingerprint].starts_at
    return replace(alert, starts_at=max(began, alert.ends_at or began), ends_at=None)


async def _close_cut(world: World, monitor: str, sight: Sight) -> None:
    """Close the groups of which the monitor left alerts out when it told, where nothing that could be theirs fires."""
    routes = set(_routes(world, monitor))
    async with world.ledger.transaction() as tx:
        cut = [one for one in await alertgroups.cut_short(tx) if one.route in routes]
    for group in cut:
        if not any(_fits(group, one) for one in sight.alerts):
            await alerting.take(world, group.route, _told(group, [], 0))


def _fits(group: Group, firing: Firing) -> bool:
    return group.state is not State.RESOLVED and all(firing.labels.get(n) == v for n, v in group.labels.items())


def _told(group: Group, alerts: Sequence[Alert], missing: int) -> Told:
    return Told(group.key, alerts, group.labels, missing, group.link)
