"""What past trades came to, stretch by stretch. It is made of the trades while the system runs."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "performance_folds",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("until_ns", sa.BigInteger(), nullable=False),
        sa.Column("from_ns", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "until_ns"),
    )
    op.create_table(
        "performance_parts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("until_ns", sa.BigInteger(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("bends", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "instrument_id", "book", "until_ns"),
    )


def downgrade() -> None:
    """It can be made again of the trades."""
    op.drop_table("performance_parts")
    op.drop_table("performance_folds")
