"""Cash movements remember the bill of the exchange that they are of, each bill once for ever (INVARIANTS M2)."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cash_movements", sa.Column("bill_id", sa.Text(), nullable=True))
    op.create_index("ux_cash_movements_bill", "cash_movements", ["account", "bill_id"], unique=True)


def downgrade() -> None:
    op.drop_index("ux_cash_movements_bill", table_name="cash_movements")
    with op.batch_alter_table("cash_movements") as batch_op:
        batch_op.drop_column("bill_id")
