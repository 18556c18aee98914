"""Orders that wait at the exchange for a price: what each was to wait for."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("condition", sa.Text(), nullable=True))


def downgrade() -> None:
    """What waits at the exchange is taken for an order that is in its book."""
    op.drop_column("orders", "condition")
