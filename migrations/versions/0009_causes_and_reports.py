"""What had touched a target before alerts about it began.

Revision ID: 0009
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "causes",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("operation_id", sa.BigInteger()),
        sa.Column("touched_at", MOMENT),
        sa.Column("live_at", MOMENT),
        sa.Column("more", sa.Integer(), server_default="0", nullable=False),
        sa.Column("looked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["alert_groups.id"], name=op.f("fk_causes_group_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_causes_operation_id")),
        sa.PrimaryKeyConstraint("group_id", "service", "environment", "began_at", name=op.f("pk_causes")),
    )
    op.create_index("causes_of_operation", "causes", ["operation_id"])
    op.create_index("alerts_begun", "alerts", ["starts_at"], postgresql_where=sa.text("ends_at IS NULL"))


def downgrade() -> None:
    op.drop_index("alerts_begun", "alerts")
    op.drop_table("causes")
