"""The tables of alerts: what monitors told, the groups they told of, and the alerts in them.

That a group that has not ended is one row, whichever of a monitor's peers tells of it first, is the database's to
guarantee (`one_open_alert_group`).
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.ledger.naming import MOMENT, metadata

deliveries = Table(
    "deliveries",
    metadata,
    Column("route", Text, primary_key=True),
    Column("digest", Text, primary_key=True),  # of the bytes: peers tell the same in the same words
    Column("first_at", MOMENT, nullable=False),
    Column("last_at", MOMENT, nullable=False),
    Column("times", Integer, nullable=False, server_default="1"),
)

alert_groups = Table(
    "alert_groups",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("route", Text, nullable=False),
    Column("key", Text, nullable=False),  # Alertmanager's groupKey
    Column("labels", Text, nullable=False),  # JSON: those that all of its alerts have
    Column("state", Text, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("acked_by", Text),
    Column("acked_at", MOMENT),
    Column("acked_until", MOMENT),
    Column("missing", Integer, nullable=False, server_default="0"),
    Column("link", Text, nullable=False, server_default=""),
    Column("opened_at", MOMENT, nullable=False),
    Column("resolved_at", MOMENT),
    Column("closed_by", Text),  # a person, where it has ended because one said so
    Column("closed_why", Text),
    Column("told_at", MOMENT, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
)
Index(
    "one_open_alert_group",
    alert_groups.c.route,
    alert_groups.c.key,
    unique=True,
    postgresql_where=text("state <> 'resolved'"),
)
Index("alert_groups_acked", alert_groups.c.acked_until, postgresql_where=text("state = 'acknowledged'"))
Index("alert_groups_of_key", alert_groups.c.route, alert_groups.c.key, alert_groups.c.id)

alerts = Table(
    "alerts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("group_id", BigInteger, ForeignKey("alert_groups.id"), nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("labels", Text, nullable=False),  # JSON
    Column("annotations", Text, nullable=False),  # JSON
    Column("source", Text, nullable=False),
    Column("starts_at", MOMENT, nullable=False),
    Column("ends_at", MOMENT),
    UniqueConstraint("group_id", "fingerprint"),
)
