"""The tables of escalations: the frozen policy of a group with its next step, and each thing that was told of it.

That a group has one escalation at a time, and that a step is told once by each way, is the database's to guarantee.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
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

SILENCED = "state = 'held' AND held_by = 'silence'"

escalations = Table(
    "escalations",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("group_id", BigInteger, ForeignKey("alert_groups.id"), nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("policy", Text, nullable=False),  # canonical JSON: frozen
    Column("key", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("round", Integer, nullable=False, server_default="0"),
    Column("turn", Integer, nullable=False, server_default="0"),
    Column("next_at", MOMENT),
    Column("since", MOMENT, nullable=False),
    Column("held_by", Text),
    Column("resumed_at", MOMENT),
    Column("opened_at", MOMENT, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
)
Index("escalations_due", escalations.c.next_at, postgresql_where=text("state = 'open'"))
Index("escalations_silenced", escalations.c.id, postgresql_where=text(SILENCED))
Index("one_live_escalation", escalations.c.group_id, unique=True, postgresql_where=text("state <> 'ended'"))
Index("escalations_of_group", escalations.c.group_id, escalations.c.id)

notifications = Table(
    "notifications",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("escalation_id", BigInteger, ForeignKey("escalations.id"), nullable=False),
    Column("group_id", BigInteger, nullable=False),  # without a foreign key: nobody waits for the group's own row
    Column("turn", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("place", Integer, nullable=False),  # of the way among the step's ways
    Column("verb", Text, nullable=False),
    Column("kind", Text, nullable=False),  # what the step names: rotation, team, person, channel
    Column("name", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("key", Text, nullable=False),  # under which it is told: PagerDuty's dedup_key, a mail's Message-ID
    Column("state", Text, nullable=False),
    Column("who", Text, nullable=False, server_default=""),  # Slack user ids, once it is known who they are
    Column("said", Text, nullable=False, server_default=""),
    Column("flaw", Text, nullable=False, server_default=""),  # what somebody is to mend
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("follows", Boolean, nullable=False, server_default="false"),  # whether it can be acknowledged and resolved
    Column("by_hand", Text),
    Column("late", Integer, nullable=False, server_default="0"),  # seconds
    Column("made_at", MOMENT, nullable=False),
    Column("asked_at", MOMENT),
    Column("ended_at", MOMENT),
    UniqueConstraint("escalation_id", "turn", "round", "step", "place", "verb"),
)
Index("notifications_of_group", notifications.c.group_id, notifications.c.id)
Index("notifications_waiting", notifications.c.made_at, postgresql_where=text("state IN ('due', 'asked')"))
Index("notifications_made", notifications.c.made_at)
Index("notifications_of_key", notifications.c.key)
