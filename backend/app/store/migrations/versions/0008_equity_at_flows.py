"""Cash movements remember what the account was worth before them, so that returns are chained where funds move."""

import sqlalchemy as sa
from alembic import op

from app.models.types import Money

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cash_movements", sa.Column("equity", Money(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("cash_movements") as batch_op:
        batch_op.drop_column("equity")
