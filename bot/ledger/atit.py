"""Who was at an alert group, by the ledger's events: its own row forgets them when nothing of it fires any more."""

import json

from sqlalchemy import ARRAY, Integer, Text, any_, bindparam, select

from bot.ledger.alertgroups import subject
from bot.ledger.ledger import Tx
from bot.ledger.schema import events
from bot.ledger.statement import Statement

_KINDS = ["alertgroup.acked", "alertgroup.assigned", "alertgroup.unacked"]
_LAST = Statement(
    select(events.c.kind, events.c.actor, events.c.payload)
    .where(events.c.subject == bindparam("about"), events.c.kind == any_(bindparam("kinds", type_=ARRAY(Text))))
    .order_by(events.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


async def last(tx: Tx, group_id: int) -> str | None:
    """Return who was at a group when it ended; None where nobody was."""
    row = await tx.row(_LAST, about=subject(group_id), kinds=_KINDS, most=1)
    if row is None or row["kind"] == "alertgroup.unacked":
        return None
    return str(json.loads(row["payload"]).get("to") or row["actor"])
