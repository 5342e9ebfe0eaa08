"""A request knows what stood in its environment when it was asked for, so that its planning can tell what moved since.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("requests", sa.Column("seen", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("requests", "seen")
