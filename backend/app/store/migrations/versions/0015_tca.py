"""What the market was when orders were sent, filled and over: the tables of transaction costs."""

import sqlalchemy as sa
from alembic import op

from app.models.types import Money

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tca_windows",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("account", "subject_id", "kind", "instrument_id")),
        sa.Column("started_ns", sa.BigInteger(), nullable=False),
        *(sa.Column(name, Money(), nullable=True) for name in ("bid", "ask", "walk_price", "square_root_bps")),
        *(sa.Column(name, Money(), nullable=False) for name in ("traded_size", "traded_other", "mid_area")),
        sa.Column("seen_ns", sa.BigInteger(), nullable=False),
        sa.Column("ended_ns", sa.BigInteger(), nullable=True),
        sa.Column("end_mid", Money(), nullable=True),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account", "subject_id"),
    )
    keys = ("account", "instrument_id", "trade_id", "exchange_order_id")
    op.create_table(
        "tca_fills",
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*keys, "order_id")),
        sa.Column("traded_ns", sa.BigInteger(), nullable=False),
        *(sa.Column(name, Money(), nullable=True) for name in ("mid", "fee_rate")),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(*keys),
    )
    op.create_index("ix_tca_fills_order", "tca_fills", ["order_id"])
    op.create_index("ix_tca_fills_traded", "tca_fills", ["account", "traded_ns"])
    for table in ("tca_windows", "tca_fills"):
        op.create_index(
            f"ix_{table}_open",
            table,
            ["account", "is_open"],
            sqlite_where=sa.text("is_open = 1"),
            postgresql_where=sa.text("is_open"),
        )


def downgrade() -> None:
    """What the market was at each fill is lost: the costs that were measured by it cannot be told any more."""
    op.drop_table("tca_fills")
    op.drop_table("tca_windows")
