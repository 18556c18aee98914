"""When and at which price an order without a parent was decided, and the mid of then of every order."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("decision", sa.Text(), nullable=True))
    op.add_column("tca_windows", sa.Column("decision", sa.Text(), nullable=True))


def downgrade() -> None:
    """The journal keeps what was said; what was seen is forgotten."""
    op.drop_column("tca_windows", "decision")
    op.drop_column("orders", "decision")
