"""What is heard in threads, what is told there of alerts that join and end, and who closed a group.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("alert_groups", sa.Column("closed_by", sa.Text()))
    op.add_column("alert_groups", sa.Column("closed_why", sa.Text()))
    op.create_index("cards_placed", "cards", ["channel", "ts"], postgresql_where=sa.text("ts IS NOT NULL"))
    op.create_table(
        "heard",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "person", "kind", name=op.f("pk_heard")),
    )
    op.create_table(
        "alert_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended", sa.Integer(), server_default="0", nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("over", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["alert_groups.id"], name=op.f("fk_alert_changes_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_changes")),
    )
    op.create_index("alert_changes_of_group", "alert_changes", ["group_id", "id"])


def downgrade() -> None:
    op.drop_table("alert_changes")
    op.drop_table("heard")
    op.drop_index("cards_placed", "cards")
    op.drop_column("alert_groups", "closed_why")
    op.drop_column("alert_groups", "closed_by")
