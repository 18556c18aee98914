"""The index of orders that the exchange never had knows those that were not sent."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COLUMNS = ["account", "status", "created_ns"]


def upgrade() -> None:
    _index("status IN ('denied', 'rejected', 'never_accepted', 'not_sent')")


def downgrade() -> None:
    _index("status IN ('denied', 'rejected', 'never_accepted')")


def _index(condition: str) -> None:
    where = sa.text(condition)
    op.drop_index("ix_orders_refused", "orders")
    op.create_index("ix_orders_refused", "orders", _COLUMNS, sqlite_where=where, postgresql_where=where)
