"""The second identity of alerts: their fingerprint, when a monitor's name for the group has changed.

Alertmanager's `groupKey` holds the path through its routing tree. When the tree is changed, what fires is told under
another key; by its fingerprints it is found to be what is on a card already.
"""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import ARRAY, Text, bindparam, func, select, update

from bot.domain.alert import Told
from bot.domain.alertgroup import Group, State
from bot.ledger import alertgroups
from bot.ledger.alert_tables import alert_groups, alerts
from bot.ledger.ledger import Tx
from bot.ledger.statement import Statement

_NAMED = alert_groups.c.route == bindparam("by_route"), alert_groups.c.key == bindparam("its_key")
_OPEN = alert_groups.c.state != State.RESOLVED.value
_LOCK = Statement(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=Text), 0))))
_NEWEST = Statement(
    select(alert_groups).where(*_NAMED).order_by(alert_groups.c.id.desc()).limit(1).with_for_update(key_share=True)
)


def _elsewhere() -> Statement:
    """Ask in which open group of a route most of some fingerprints fire, unless one of the key is open itself."""
    same = alert_groups.alias("same")
    known = select(same.c.id).where(same.c.route == bindparam("by_route"), same.c.key == bindparam("its_key"))
    many = func.count().label("many")
    return Statement(
        select(alerts.c.group_id, many)
        .join(alert_groups, alerts.c.group_id == alert_groups.c.id)
        .where(
            alerts.c.fingerprint == func.any(bindparam("among", type_=ARRAY(Text))),
            alerts.c.ends_at.is_(None),
            alert_groups.c.route == bindparam("by_route"),
            _OPEN,
            ~known.where(same.c.state != State.RESOLVED.value).exists(),
        )
        .group_by(alerts.c.group_id)
        .order_by(many.desc(), alerts.c.group_id)
        .limit(1)
    )


_ELSEWHERE = _elsewhere()
_RENAME = Statement(update(alert_groups).where(alert_groups.c.id == bindparam("its_id")).values(key=bindparam("key")))


async def current(tx: Tx, route: str, told: Told, *, within: timedelta) -> Group | None:
    """Return the group that a monitor tells of, locked until the commit.

    It is the open one of the key, or one that ended not longer ago than `within`; else the open one of another key in
    which at least half of what is told fires, and which bears the new key from now on. Nobody else opens one of this
    key meanwhile.
    """
    among = list({one.fingerprint for one in told.alerts})
    asked = {"by_route": route, "its_key": told.key}
    tx.say(_LOCK, name=f"alertgroup:{route}/{told.key}")
    newest, others = await tx.all((_NEWEST, asked), (_ELSEWHERE, asked | {"among": among}))
    for row in newest:
        if row["resolved_at"] is None or tx.now - row["resolved_at"] <= within:
            return alertgroups.read(row)
    for row in others:
        if 2 * int(row["many"]) >= len(among):
            return await _renamed(tx, int(row["group_id"]), told.key)
    return None


async def _renamed(tx: Tx, group_id: int, key: str) -> Group | None:
    group = await alertgroups.locked(tx, group_id)
    if group is None or group.state is State.RESOLVED:
        return None
    tx.write(_RENAME, its_id=group.id, key=key)
    tx.record("alertgroup.renamed", actor="monitor", subject=alertgroups.subject(group.id))
    return replace(group, key=key)
