"""The table of what was seen to have touched a target before alerts about it began."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from bot.ledger.alert_tables import alerts
from bot.ledger.naming import MOMENT, metadata

causes = Table(
    "causes",
    metadata,
    Column("group_id", BigInteger, ForeignKey("alert_groups.id"), nullable=False),
    Column("service", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("began_at", MOMENT, nullable=False),  # the first alert about it, by the monitor's clock
    Column("told_at", MOMENT, nullable=False),
    Column("name", Text, nullable=False),
    Column("operation_id", BigInteger, ForeignKey("operations.id")),  # NULL: nothing had touched it
    Column("touched_at", MOMENT),
    Column("live_at", MOMENT),
    Column("more", Integer, nullable=False, server_default="0"),
    Column("looked_at", MOMENT, nullable=False),
    PrimaryKeyConstraint("group_id", "service", "environment", "began_at"),
)
Index("causes_of_operation", causes.c.operation_id)
Index("alerts_begun", alerts.c.starts_at, postgresql_where=text("ends_at IS NULL"))
