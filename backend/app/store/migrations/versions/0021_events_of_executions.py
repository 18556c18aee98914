"""An index by which the events of an execution are found."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("parent_id IS NOT NULL")
    columns = ["account", "parent_id"]
    op.create_index("ix_events_parent", "execution_events", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_events_parent", table_name="execution_events")
