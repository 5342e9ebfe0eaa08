"""Who is on call: overrides, what was imported, what was told of, and what waits for a morning.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.Identity(always=True)


def upgrade() -> None:
    op.create_table(
        "rota_overrides",
        sa.Column("id", sa.BigInteger(), NUMBER, nullable=False),
        sa.Column("rotation", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("pair", sa.BigInteger()),
        sa.Column("undone_by", sa.Text()),
        sa.Column("undone_at", MOMENT),
        sa.ForeignKeyConstraint(["pair"], ["rota_overrides.id"], name=op.f("fk_rota_overrides_pair")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_overrides")),
    )
    live = sa.text("undone_at IS NULL")
    op.create_index("rota_overrides_to_come", "rota_overrides", ["rotation", "ends_at"], postgresql_where=live)
    op.create_table(
        "rota_imported",
        sa.Column("id", sa.BigInteger(), NUMBER, nullable=False),
        sa.Column("rotation", sa.Text(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("person", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_imported")),
    )
    op.create_index("rota_imported_of", "rota_imported", ["rotation", "ends_at"])
    op.create_table(
        "rota_imports",
        sa.Column("rotation", sa.Text(), nullable=False),
        sa.Column("told_at", MOMENT),
        sa.Column("fault", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("rotation", name=op.f("pk_rota_imports")),
    )
    _told()


def _told() -> None:
    op.create_table(
        "rota_notices",
        sa.Column("id", sa.BigInteger(), NUMBER, nullable=False),
        sa.Column("rotation", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("person", sa.Text()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_notices")),
        sa.UniqueConstraint("rotation", "kind", "at", name=op.f("uq_rota_notices_rotation")),
    )
    op.create_table(
        "digests",
        sa.Column("id", sa.BigInteger(), NUMBER, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
    )
    op.create_table(
        "deferred",
        sa.Column("id", sa.BigInteger(), NUMBER, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("digest_id", sa.BigInteger()),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_deferred_digest_id")),
        sa.ForeignKeyConstraint(["group_id"], ["alert_groups.id"], name=op.f("fk_deferred_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deferred")),
    )
    waiting = sa.text("digest_id IS NULL")
    op.create_index("one_deferred", "deferred", ["person", "group_id"], unique=True, postgresql_where=waiting)
    op.create_index("deferred_due", "deferred", ["due_at"], postgresql_where=waiting)


def downgrade() -> None:
    op.drop_table("deferred")
    op.drop_table("digests")
    op.drop_table("rota_notices")
    op.drop_table("rota_imports")
    op.drop_table("rota_imported")
    op.drop_table("rota_overrides")
