"""The head of the chain, noted apart from it: so that cutting off the newest events, or rewriting all, is found.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NOTE_WHAT_IS = """
INSERT INTO chain_head (sequence, hash, sealed_at)
SELECT sequence, hash, sealed_at FROM events WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1
"""


def upgrade() -> None:
    op.create_table(
        "chain_head",
        sa.Column("one", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_chain_head")),
    )
    op.execute(_NOTE_WHAT_IS)


def downgrade() -> None:
    op.drop_table("chain_head")
