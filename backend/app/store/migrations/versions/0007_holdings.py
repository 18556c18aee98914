"""What is held by asset and book, and every change of it; the first start afterwards fills both from the trades."""

import sqlalchemy as sa
from alembic import op

from app.models.types import Money

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "holding_books",
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("asset", sa.Text(), primary_key=True),
        sa.Column("book", sa.Text(), primary_key=True),
        *(sa.Column(name, Money(), nullable=False) for name in ("quantity", "priced", "cost")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("lots", "owed")),
        sa.Column("owed_ns", sa.BigInteger(), nullable=False),
        *(sa.Column(name, Money(), nullable=False) for name in ("realised", "fee_value")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("fees", "unvalued")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("fill_count", "last_ns")),
        sa.Column("instrument_id", sa.Text(), nullable=False),
    )
    op.create_table(
        "holding_entries",
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("entry", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("asset", "book", "by_book", "kind")),
        sa.Column("quantity", Money(), nullable=False),
        sa.Column("value", Money(), nullable=True),
        sa.Column("realised", Money(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("source", "instrument_id", "trade_id", "exchange_order_id", "traded")
        ),
    )
    _append_only("holding_entries")


def _append_only(table: str) -> None:
    """As revision 0002 does for trades."""
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("holding_entries")
    op.drop_table("holding_books")
