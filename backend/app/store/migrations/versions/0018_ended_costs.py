"""Orders by when they ended, for the costs of many together."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_tca_windows_ended",
        "tca_windows",
        ["account", "ended_ns", "subject_id"],
        sqlite_where=sa.text("ended_ns IS NOT NULL"),
        postgresql_where=sa.text("ended_ns IS NOT NULL"),
    )


def downgrade() -> None:
    """Nothing is lost: it is an index."""
    op.drop_index("ix_tca_windows_ended", "tca_windows")
