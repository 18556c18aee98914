"""Days of equity remember what they were made of, so that only what had a price at both ends is compared."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("equity_days", sa.Column("parts", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("equity_days") as batch_op:
        batch_op.drop_column("parts")
