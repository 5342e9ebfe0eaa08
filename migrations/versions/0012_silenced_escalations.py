"""Escalations that stand still because of a silence are found without looking at the others.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    silenced = sa.text("state = 'held' AND held_by = 'silence'")
    op.create_index("escalations_silenced", "escalations", ["id"], postgresql_where=silenced)


def downgrade() -> None:
    op.drop_index("escalations_silenced", table_name="escalations")
