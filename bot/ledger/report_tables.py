"""The tables of reports on what went wrong, and of what people answered in them."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, Table, Text, UniqueConstraint

from bot.ledger.naming import MOMENT, metadata

reports = Table(
    "reports",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("template", Text, nullable=False),
    Column("subject", Text, nullable=False),  # alertgroup:7, change:42
    Column("channel", Text, nullable=False),
    Column("asked_by", Text),  # NULL: by itself, after a rollback
    Column("created_at", MOMENT, nullable=False),
    Column("written_at", MOMENT),
    Column("title", Text, nullable=False, server_default=""),
    Column("markdown", Text, nullable=False, server_default=""),
    Column("parts", Text, nullable=False, server_default="[]"),  # JSON: the same, to be shown
    Column("questions", Text, nullable=False, server_default="[]"),  # JSON
    Column("fault", Text, nullable=False, server_default=""),
    Column("revision", Integer, nullable=False, server_default="0"),
    UniqueConstraint("subject", "template"),
)

answers = Table(
    "report_answers",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("report_id", BigInteger, ForeignKey("reports.id"), nullable=False),
    Column("question", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("replaced_by", BigInteger, ForeignKey("report_answers.id")),
    Index("report_answers_of_report", "report_id", "id"),
)
