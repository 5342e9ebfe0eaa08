"""Watchdogs: an alert that always fires, so that its quiet tells of a monitor that is broken.

What says that the monitor is quiet is an alert group as any other, of an alert of our own. Slipway's own time away is
not held against the monitor: quiet counts only from when somebody was there to hear.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.catalog.monitors import Watchdog
from bot.domain.alert import Alert, Told
from bot.domain.alertgroup import Group
from bot.domain.duration import spoken
from bot.ledger import watchdogs
from bot.ledger.ledger import Tx
from bot.ledger.watchdogs import Watched
from bot.world import World

OWN = "slipway:watchdog"  # the key of groups of our own; no monitor's key begins so
GAP = timedelta(minutes=1)  # nobody has looked for so long: nobody was there


def ours(group: Group) -> bool:
    """Whether a group is of our own, and no monitor can be asked about it."""
    return group.key == OWN


def hear(world: World, tx: Tx, route: str, told: Told) -> Told:
    """Note that a route's watchdog is heard of, and return what else was told."""
    known = world.catalog.alerts.routes.get(route) if world.catalog.alerts else None
    if known is None or known.watchdog is None or told.key == OWN:
        return told
    name = known.watchdog.alert
    dogs = [one for one in told.alerts if one.name == name]
    if any(one.firing for one in dogs):
        watchdogs.hear(tx, route)
    return replace(told, alerts=[one for one in told.alerts if one.name != name]) if dogs else told


async def watch(world: World, route: str) -> Told | None:
    """Return what is to be told of a route's watchdog: that it is quiet, or is heard again; None for nothing."""
    known = world.catalog.alerting.routes[route]
    if known.watchdog is None:
        return None
    async with world.ledger.transaction() as tx:
        watched = await watchdogs.watch(tx, route, gap=GAP)
        if tx.now - watched.quiet_since > known.watchdog.within:
            return Told(OWN, [_alert(route, known.watchdog, watched, None)], {"route": route})
        heard = watched.heard_at is not None and tx.now - watched.heard_at <= known.watchdog.within
        if heard and await watchdogs.is_open(tx, route, OWN):
            return Told(OWN, [_alert(route, known.watchdog, watched, tx.now)], {"route": route})
        return None  # all is well, or one has not listened for long enough to tell


def _alert(route: str, dog: Watchdog, watched: Watched, ended: datetime | None) -> Alert:
    said = f"{dog.alert} has not been heard by {route} for {spoken(dog.within)}"
    never = "" if watched.heard_at else " It was never heard: perhaps no route of Alertmanager leads it here."
    return Alert(
        fingerprint=f"{OWN}:{route}",
        labels={"alertname": "MonitorIsQuiet", "severity": "critical", "route": route},
        starts_at=watched.heard_at or watched.listening_since,
        ends_at=ended,
        annotations={"summary": f"{said}: Prometheus or Alertmanager is down, or cannot reach Slipway.{never}"},
    )
