"""Graphs: what is to be drawn, and the file that it became.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "graphs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("request_id", sa.BigInteger()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_by", sa.Text(), server_default="", nullable=False),
        sa.Column("file", sa.Text()),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_graphs_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_graphs")),
        sa.UniqueConstraint("request_id", name=op.f("uq_graphs_request_id")),
    )
    op.create_index("graphs_wanted", "graphs", ["id"], postgresql_where=sa.text("state = 'wanted'"))
    op.create_index(
        "one_graph_of_an_alert_group",
        "graphs",
        ["subject"],
        unique=True,
        postgresql_where=sa.text("request_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("graphs")
