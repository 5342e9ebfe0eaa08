"""The tables of who is on call: overrides, what was imported, what was told of, and what waits for a morning.

That a hand-off is told once, and that one alert group waits once for one person, is the database's to guarantee.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Table, Text, UniqueConstraint, text

from bot.ledger.naming import MOMENT, metadata

overrides = Table(
    "rota_overrides",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("rotation", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("starts_at", MOMENT, nullable=False),
    Column("ends_at", MOMENT, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", MOMENT, nullable=False),
    Column("pair", BigInteger, ForeignKey("rota_overrides.id")),  # the other half of a swap, which was made first
    Column("undone_by", Text),
    Column("undone_at", MOMENT),
)
Index(
    "rota_overrides_to_come",
    overrides.c.rotation,
    overrides.c.ends_at,
    postgresql_where=text("undone_at IS NULL"),
)

imported = Table(
    "rota_imported",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("rotation", Text, nullable=False),
    Column("starts_at", MOMENT, nullable=False),
    Column("ends_at", MOMENT, nullable=False),
    Column("named", Text, nullable=False),  # as it was told
    Column("person", Text),  # whom we take that for; nobody where no contact is like it
)
Index("rota_imported_of", imported.c.rotation, imported.c.ends_at)

imports = Table(
    "rota_imports",
    metadata,
    Column("rotation", Text, primary_key=True),
    Column("told_at", MOMENT),  # when it was last told
    Column("fault", Text, nullable=False, server_default=""),  # why it was not, the last time
)

notices = Table(
    "rota_notices",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("rotation", Text, nullable=False),
    Column("kind", Text, nullable=False),  # handoff or hole
    Column("at", MOMENT, nullable=False),
    Column("until", MOMENT, nullable=False),
    Column("before", Text),
    Column("person", Text),
    Column("why", Text, nullable=False),
    Column("made_at", MOMENT, nullable=False),
    UniqueConstraint("rotation", "kind", "at"),
)

digests = Table(
    "digests",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person", Text, nullable=False),
    Column("made_at", MOMENT, nullable=False),
)

deferred = Table(
    "deferred",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("person", Text, nullable=False),
    Column("group_id", BigInteger, ForeignKey("alert_groups.id"), nullable=False),
    Column("made_at", MOMENT, nullable=False),
    Column("due_at", MOMENT, nullable=False),
    Column("digest_id", BigInteger, ForeignKey("digests.id")),
)
Index(
    "one_deferred",
    deferred.c.person,
    deferred.c.group_id,
    unique=True,
    postgresql_where=text("digest_id IS NULL"),
)
Index("deferred_due", deferred.c.due_at, postgresql_where=text("digest_id IS NULL"))
