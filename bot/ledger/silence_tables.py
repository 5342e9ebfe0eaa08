"""The tables of silences, of what monitors are asked about alerts, and of when a watchdog was heard of."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.ledger.alert_tables import alerts
from bot.ledger.naming import MOMENT, metadata

LIVING = "state NOT IN ('refused', 'over', 'removed')"

silences = Table(
    "silences",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("monitor", Text, nullable=False),  # the catalog's name of the Alertmanager
    Column("key", Text, nullable=False),  # stands in the silence's comment there
    Column("group_id", BigInteger, ForeignKey("alert_groups.id")),  # where it was asked for
    Column("matchers", Text, nullable=False),  # JSON
    Column("state", Text, nullable=False),
    Column("by", Text),  # who asked for it in Slack
    Column("author", Text, nullable=False, server_default=""),  # what Alertmanager calls its creator
    Column("reason", Text, nullable=False, server_default=""),
    Column("asked_at", MOMENT, nullable=False),
    Column("ends_at", MOMENT, nullable=False),  # as it is wished
    Column("held_id", Text, nullable=False, server_default=""),  # Alertmanager's id
    Column("held_until", MOMENT),  # as Alertmanager has it
    Column("sent_at", MOMENT),  # a request is on its way, or got no answer
    Column("busy_until", MOMENT),  # somebody is at it, or it is to be tried again then
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("fault", Text, nullable=False, server_default=""),
    Column("ended_by", Text),
    Column("covers", Text, nullable=False, server_default="[]"),  # JSON: fingerprints, where it has a pattern
    Column("revision", Integer, nullable=False, server_default="0"),
    UniqueConstraint("key"),
)
Index("silences_living", silences.c.monitor, postgresql_where=text(LIVING))

doubts = Table(
    "alert_doubts",
    metadata,
    Column("group_id", BigInteger, ForeignKey("alert_groups.id"), nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("since", MOMENT, nullable=False),  # that the monitor says otherwise than the ledger
    PrimaryKeyConstraint("group_id", "fingerprint"),
)

watchdogs = Table(
    "watchdogs",
    metadata,
    Column("route", Text, primary_key=True),
    Column("heard_at", MOMENT),
    Column("listening_since", MOMENT, nullable=False),  # without a gap in which nobody was there to hear
    Column("watched_at", MOMENT, nullable=False),
)

Index("alerts_firing", alerts.c.fingerprint, postgresql_where=text("ends_at IS NULL"))
