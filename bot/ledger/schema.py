"""The tables, in columns for what is asked about; free text and frozen plans are text.

Three things the database itself guarantees, because a check in code would race: at most one operation holds a target
(`one_operation_per_target`), one person has one vote (the key of `approvals`), and what happened cannot be rewritten
(the trigger on `events`, made in the first migration).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.ledger.naming import MOMENT
from bot.ledger.naming import metadata as metadata


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


releases = Table(
    "releases",
    metadata,
    _id(),
    Column("service", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("commit", Text, nullable=False),
    Column("tree", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("committed_at", MOMENT, nullable=False),
    Column("digest", Text),
    Column("created_at", MOMENT, nullable=False),
    UniqueConstraint("service", "commit"),
)

requests = Table(
    "requests",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),  # Slack's own id of the deed: the same deed twice is one row
    Column("person", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("args", Text, nullable=False),
    Column("seen", Text),  # JSON, by service: what stood in the environment when it was asked for
    Column("at", MOMENT, nullable=False),
    Column("answered_at", MOMENT),
    Column("reply", Text),
    Column("replied_at", MOMENT),
)
Index("requests_open", requests.c.id, postgresql_where=requests.c.replied_at.is_(None))

changes = Table(
    "changes",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("request_id", BigInteger, ForeignKey("requests.id"), unique=True),
    _words("channel"),
    _words("reason"),
    _words("trigger"),
    _words("words"),
    Column("plan", Text, nullable=False),
    Column("plan_digest", Text, nullable=False),
    Column("approvals_needed", Integer, nullable=False),
    Column("stop_asked_by", Text),
    Column("go_on", Boolean, nullable=False, server_default="false"),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("created_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT),
    Column("started_at", MOMENT),
    Column("finished_at", MOMENT),
)
_ENDED = "('succeeded', 'failed', 'partly_done', 'cancelled', 'rejected', 'expired', 'void')"
Index("changes_open", changes.c.id, postgresql_where=text(f"state NOT IN {_ENDED}"))
Index("changes_expiry", changes.c.expires_at, postgresql_where=text("state IN ('waiting', 'blocked')"))

approvals = Table(
    "approvals",
    metadata,
    Column("change_id", BigInteger, ForeignKey("changes.id"), primary_key=True),
    Column("person", Text, primary_key=True),
    Column("verdict", Text, nullable=False),  # approve, reject
    Column("plan_digest", Text, nullable=False),
    _words("reason"),
    Column("at", MOMENT, nullable=False),
)

operations = Table(
    "operations",
    metadata,
    _id(),
    Column("change_id", BigInteger, ForeignKey("changes.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("from_release", BigInteger, ForeignKey("releases.id")),
    Column("to_release", BigInteger, ForeignKey("releases.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("going_back", Boolean, nullable=False, server_default="false"),
    _words("reason"),
    Column("settled_by", Text),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("ready_at", MOMENT),
    Column("started_at", MOMENT),
    Column("finished_at", MOMENT),
    Column("due_at", MOMENT),
    UniqueConstraint("change_id", "position"),
)
_HOLDS = "state IN ('running', 'verifying', 'rolling_back', 'unknown')"
_OPEN = "state IN ('queued', 'running', 'verifying', 'rolling_back')"
Index(
    "one_operation_per_target",
    operations.c.service,
    operations.c.environment,
    unique=True,
    postgresql_where=text(_HOLDS),
)
Index("operations_of_target", operations.c.environment, operations.c.service, operations.c.id.desc())
Index("operations_of_environment", operations.c.environment, operations.c.id.desc())
Index(
    "operations_good",
    operations.c.environment,
    operations.c.service,
    operations.c.finished_at.desc(),
    postgresql_where=text("state = 'succeeded'"),
)
Index("operations_of_release", operations.c.to_release, operations.c.id.desc())
Index("operations_held", operations.c.state, postgresql_where=text(_HOLDS))
Index("operations_queue", operations.c.service, operations.c.environment, postgresql_where=text("state = 'queued'"))
Index("operations_due", operations.c.due_at, postgresql_where=text(_OPEN))

steps = Table(
    "steps",
    metadata,
    _id(),
    Column("operation_id", BigInteger, ForeignKey("operations.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("back", Boolean, nullable=False, server_default="false"),
    Column("options", Text, nullable=False, server_default="{}"),
    Column("state", Text, nullable=False),
    Column("progress", Text, nullable=False, server_default="{}"),
    _words("detail"),
    Column("log_offset", BigInteger, nullable=False, server_default="0"),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("started_at", MOMENT),
    Column("finished_at", MOMENT),
    UniqueConstraint("operation_id", "position"),
)

logs = Table(
    "logs",
    metadata,
    _id(),
    Column("operation_id", BigInteger, ForeignKey("operations.id"), nullable=False),
    Column("page", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Index("logs_of_page", "operation_id", "page", "id"),
)

targets = Table(
    "targets",
    metadata,
    Column("service", Text, primary_key=True),
    Column("environment", Text, primary_key=True),
    Column("release_id", BigInteger, ForeignKey("releases.id")),
    Column("operation_id", BigInteger, ForeignKey("operations.id")),
    Column("key", Text),
    Column("by", Text),
    Column("since", MOMENT),
    Column("observed_phase", Text),
    Column("observed_digest", Text),
    Column("observed_version", Text),
    _words("observed_detail"),
    Column("observed_at", MOMENT),
)

holds = Table(
    "holds",
    metadata,
    _id(),
    Column("service", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("release_id", BigInteger, ForeignKey("releases.id"), nullable=False),
    Column("change_id", BigInteger, ForeignKey("changes.id"), nullable=False),
    Column("by", Text, nullable=False),
    _words("reason"),
    Column("at", MOMENT, nullable=False),
    Column("lifted_at", MOMENT),
    Column("lifted_by", Text),
)
Index(
    "holds_standing",
    holds.c.environment,
    holds.c.service,
    holds.c.release_id,
    unique=True,
    postgresql_where=holds.c.lifted_at.is_(None),
)

excerpts = Table(
    "excerpts",
    metadata,
    _id(),
    Column("request_id", BigInteger, ForeignKey("requests.id"), nullable=False, unique=True),
    Column("service", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("since", MOMENT, nullable=False),
    Column("until", MOMENT, nullable=False),
    Column("text", Text, nullable=False),
    Column("more", Boolean, nullable=False),
)

cards = Table(
    "cards",
    metadata,
    _id(),
    Column("subject", Text, nullable=False),  # change:42, operation:7, excerpt:3
    Column("role", Text, nullable=False),  # live, approval, log/1
    Column("channel", Text, nullable=False),
    Column("thread_of", BigInteger, ForeignKey("cards.id")),
    Column("ts", Text),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("shown_revision", Integer, nullable=False, server_default="0"),
    Column("urgent", Boolean, nullable=False, server_default="false"),
    Column("queued_at", MOMENT),
    Column("posting_at", MOMENT),
    Column("due_at", MOMENT),
    _words("fault"),
    Column("created_at", MOMENT, nullable=False),
    UniqueConstraint("subject", "role"),
)
Index("cards_stale", cards.c.due_at, postgresql_where=text("shown_revision < revision"))
Index("cards_placed", cards.c.channel, cards.c.ts, postgresql_where=cards.c.ts.is_not(None))

pace = Table(
    "pace",
    metadata,
    Column("key", Text, primary_key=True),  # chat.update, chat.postMessage/C123
    Column("next_at", MOMENT, nullable=False),
)

ticks = Table(
    "ticks",
    metadata,
    Column("schedule", Text, primary_key=True),
    Column("due_at", MOMENT, primary_key=True),
)

events = Table(
    "events",
    metadata,
    _id(),
    Column("at", MOMENT, nullable=False),
    Column("actor", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("sequence", BigInteger, unique=True),
    Column("sealed_at", MOMENT),
    Column("previous_hash", Text),
    Column("hash", Text),
    Index("events_of_subject", "subject", "kind", "id"),
)
Index("events_unsealed", events.c.id, postgresql_where=events.c.sequence.is_(None))

chain_head = Table(
    "chain_head",
    metadata,
    Column("one", Boolean, primary_key=True, server_default="true"),  # there is one row
    Column("sequence", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("sealed_at", MOMENT, nullable=False),
)
