"""Silences, doubts about what fires, and watchdogs.

Revision ID: 0008
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "silences",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("monitor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("group_id", sa.BigInteger()),
        sa.Column("matchers", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by", sa.Text()),
        sa.Column("author", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("held_id", sa.Text(), server_default="", nullable=False),
        sa.Column("held_until", MOMENT),
        sa.Column("sent_at", MOMENT),
        sa.Column("busy_until", MOMENT),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fault", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_by", sa.Text()),
        sa.Column("covers", sa.Text(), server_default="[]", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["alert_groups.id"], name=op.f("fk_silences_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
        sa.UniqueConstraint("key", name=op.f("uq_silences_key")),
    )
    op.create_index(
        "silences_living",
        "silences",
        ["monitor"],
        postgresql_where=sa.text("state NOT IN ('refused', 'over', 'removed')"),
    )
    op.create_table(
        "alert_doubts",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["alert_groups.id"], name=op.f("fk_alert_doubts_group_id")),
        sa.PrimaryKeyConstraint("group_id", "fingerprint", name=op.f("pk_alert_doubts")),
    )
    op.create_table(
        "watchdogs",
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("heard_at", MOMENT),
        sa.Column("listening_since", MOMENT, nullable=False),
        sa.Column("watched_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("route", name=op.f("pk_watchdogs")),
    )
    op.create_index("alerts_firing", "alerts", ["fingerprint"], postgresql_where=sa.text("ends_at IS NULL"))


def downgrade() -> None:
    op.drop_index("alerts_firing", table_name="alerts")
    op.drop_table("watchdogs")
    op.drop_table("alert_doubts")
    op.drop_index("silences_living", table_name="silences")
    op.drop_table("silences")
