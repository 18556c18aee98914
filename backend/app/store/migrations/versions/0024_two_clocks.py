"""How far the exchange's clock was ahead of ours when orders were filled and over."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = ("tca_windows", "tca_fills")


def upgrade() -> None:
    """Of what is there already nobody noted it."""
    for table in TABLES:
        op.add_column(table, sa.Column("ahead_ns", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "ahead_ns")
