"""What had touched a target before alerts about it began; reports on what went wrong, and answers in them.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

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
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("written_at", MOMENT),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("markdown", sa.Text(), server_default="", nullable=False),
        sa.Column("parts", sa.Text(), server_default="[]", nullable=False),
        sa.Column("questions", sa.Text(), server_default="[]", nullable=False),
        sa.Column("fault", sa.Text(), server_default="", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("subject", "template", name=op.f("uq_reports_subject")),
    )
    op.create_table(
        "report_answers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("replaced_by", sa.BigInteger()),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_answers_report_id")),
        sa.ForeignKeyConstraint(["replaced_by"], ["report_answers.id"], name=op.f("fk_report_answers_replaced_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_answers")),
    )
    op.create_index("report_answers_of_report", "report_answers", ["report_id", "id"])


def downgrade() -> None:
    op.drop_table("report_answers")
    op.drop_table("reports")
    op.drop_index("alerts_begun", "alerts")
    op.drop_table("causes")
