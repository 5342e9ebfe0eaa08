"""Escalations: the frozen policy of a group with its next step, and each thing that was told of it.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "escalations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("round", sa.Integer(), server_default="0", nullable=False),
        sa.Column("turn", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", MOMENT),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("held_by", sa.Text()),
        sa.Column("resumed_at", MOMENT),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["alert_groups.id"], name=op.f("fk_escalations_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
        sa.UniqueConstraint("key", name=op.f("uq_escalations_key")),
    )
    runs, lives = sa.text("state = 'open'"), sa.text("state <> 'ended'")
    op.create_index("escalations_due", "escalations", ["next_at"], postgresql_where=runs)
    op.create_index("one_live_escalation", "escalations", ["group_id"], unique=True, postgresql_where=lives)
    op.create_index("escalations_of_group", "escalations", ["group_id", "id"])
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("escalation_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("flaw", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("follows", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("by_hand", sa.Text()),
        sa.Column("late", sa.Integer(), server_default="0", nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalations.id"], name=op.f("fk_notifications_escalation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "escalation_id", "turn", "round", "step", "place", "verb", name=op.f("uq_notifications_escalation_id")
        ),
    )
    waiting = sa.text("state IN ('due', 'asked')")
    op.create_index("notifications_of_group", "notifications", ["group_id", "id"])
    op.create_index("notifications_waiting", "notifications", ["made_at"], postgresql_where=waiting)
    op.create_index("notifications_made", "notifications", ["made_at"])
    op.create_index("notifications_of_key", "notifications", ["key"])


def downgrade() -> None:
    op.drop_table("notifications")
    op.drop_table("escalations")
