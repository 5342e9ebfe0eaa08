"""The table of graphs: what is to be drawn, and the file that it became."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Table, Text, text

from bot.ledger.naming import MOMENT, metadata

graphs = Table(
    "graphs",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("subject", Text, nullable=False),  # alertgroup:7, target:backend/production
    Column("request_id", BigInteger, ForeignKey("requests.id"), unique=True),
    Column("state", Text, nullable=False),  # wanted, drawn, failed
    Column("wish", Text, nullable=False),  # JSON: what is asked of Prometheus
    Column("channel", Text, nullable=False, server_default=""),
    Column("asked_by", Text, nullable=False, server_default=""),
    Column("file", Text),  # Slack's number of the picture
    Column("said", Text, nullable=False, server_default=""),  # what it shows in words, or why there is none
    Column("made_at", MOMENT, nullable=False),
    Column("ended_at", MOMENT),
)
Index("graphs_wanted", graphs.c.id, postgresql_where=text("state = 'wanted'"))
Index(
    "one_graph_of_an_alert_group",
    graphs.c.subject,
    unique=True,
    postgresql_where=text("request_id IS NULL"),
)
