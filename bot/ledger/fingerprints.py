"""The second identity of alerts: their fingerprint, when a monitor's name for the group has changed.

Alertmanager's `groupKey` holds the path through its routing tree. When the tree is changed, what fires is told under
another key; by its fingerprints it is found to be what is on a card already.
"""

from dataclasses import replace

from sqlalchemy import ARRAY, Text, bindparam, func, select, update

from bot.domain.alert import Told
from bot.domain.alertgroup import Group, State
from bot.ledger import alertgroups
from bot.ledger.alert_tables import alert_groups, alerts
from bot.ledger.ledger import Tx
from bot.ledger.statement import Statement

_AMONG = alerts.c.fingerprint == func.any(bindparam("among", type_=ARRAY(Text)))
_ELSEWHERE = Statement(
    select(alerts.c.group_id, func.count().label("many"))
    .join(alert_groups, alerts.c.group_id == alert_groups.c.id)
    .where(
        _AMONG,
        alerts.c.ends_at.is_(None),
        alert_groups.c.route == bindparam("by_route"),
        alert_groups.c.state != State.RESOLVED.value,
    )
    .group_by(alerts.c.group_id)
    .order_by(func.count().desc(), alerts.c.group_id)
    .limit(1)
)
_RENAME = Statement(update(alert_groups).where(alert_groups.c.id == bindparam("its_id")).values(key=bindparam("key")))


async def elsewhere(tx: Tx, route: str, told: Told) -> Group | None:
    """Return the open group of another key in which at least half of what is told fires; it bears the new key now."""
    among = [one.fingerprint for one in told.alerts]
    row = await tx.row(_ELSEWHERE, among=among, by_route=route) if among else None
    if row is None or 2 * int(row["many"]) < len(set(among)):
        return None
    group = await alertgroups.locked(tx, int(row["group_id"]))
    if group is None or group.state is State.RESOLVED:
        return None
    tx.write(_RENAME, its_id=group.id, key=told.key)
    tx.record("alertgroup.renamed", actor="monitor", subject=alertgroups.subject(group.id))
    return replace(group, key=told.key)
