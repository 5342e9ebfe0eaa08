"""That what a person says is over is over: its alerts end with it, so that what fires anew is seen to be new."""

from sqlalchemy import bindparam, func, update

from bot.domain.alertgroup import Group
from bot.ledger.alert_tables import alerts
from bot.ledger.ledger import Tx
from bot.ledger.naming import MOMENT
from bot.ledger.statement import Statement

_END = Statement(
    update(alerts)
    .where(alerts.c.group_id == bindparam("its_id"), alerts.c.ends_at.is_(None))
    .values(ends_at=func.greatest(alerts.c.starts_at, bindparam("now", type_=MOMENT)))
)


def end_alerts(tx: Tx, group: Group) -> None:
    """Note that every alert of a group has ended."""
    tx.say(_END, its_id=group.id, now=tx.now)
