"""The tables of what is heard beside the commands, and of what is told in the threads of alert groups' cards."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Identity, Index, Integer, Table, Text

from bot.ledger.naming import MOMENT, metadata

heard = Table(
    "heard",
    metadata,
    Column("subject", Text, primary_key=True),  # alertgroup:7
    Column("person", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # said, or what this person was told of it, which is told once
    Column("ts", Text, nullable=False),  # Slack's time of the last of them: what comes again, or late, is no news
)

alert_changes = Table(
    "alert_changes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("group_id", BigInteger, ForeignKey("alert_groups.id"), nullable=False),
    Column("began_at", MOMENT, nullable=False),
    Column("joined", Integer, nullable=False, server_default="0"),
    Column("ended", Integer, nullable=False, server_default="0"),
    Column("names", Text, nullable=False),  # JSON: [of those that joined, of those that ended], the first few
    Column("over", Boolean, nullable=False, server_default="false"),  # nothing of the group fires after it
)
Index("alert_changes_of_group", alert_changes.c.group_id, alert_changes.c.id)
