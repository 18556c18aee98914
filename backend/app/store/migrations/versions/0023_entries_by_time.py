"""Entries of the books by their time, of which stretches of past trades are made too now. Those of before go: they are
made again."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_holding_entries_at", "holding_entries", ["account", "at_ns", "entry"])
    _forget()


def downgrade() -> None:
    op.drop_index("ix_holding_entries_at", "holding_entries")
    _forget()


def _forget() -> None:
    for table in ("performance_parts", "performance_folds"):
        op.execute(sa.delete(sa.table(table)))
