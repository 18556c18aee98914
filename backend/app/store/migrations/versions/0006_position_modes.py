"""Positions and books of strategies are told apart by trade mode too, and trades say theirs and what they realised.

What the mode of an older row was stands in no row: it is "unknown" until the next start has asked the exchange.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from app.models.types import Money

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEYS = {
    "positions": ("account", "instrument_id", "position_side"),
    "strategy_holdings": ("account", "strategy_id", "instrument_id", "position_side"),
}


def upgrade() -> None:
    op.add_column("trades", sa.Column("trade_mode", sa.Text(), nullable=True))
    op.add_column("trades", sa.Column("pnl", Money(), nullable=True))
    for table, key in _KEYS.items():
        _rebuild(table, (*key, "trade_mode"), with_mode=True)


def downgrade() -> None:
    """Fails, and changes nothing, where an instrument is held in two modes."""
    for table, key in _KEYS.items():
        _rebuild(table, key, with_mode=False)
    # Not in a batch: rebuilding trades on SQLite would lose the triggers that keep it append-only.
    op.drop_column("trades", "pnl")
    op.drop_column("trades", "trade_mode")


def _rebuild(table: str, key: Sequence[str], *, with_mode: bool) -> None:
    """The table with another primary key: SQLite cannot change one."""
    bind = op.get_bind()
    old = sa.Table(table, sa.MetaData(), autoload_with=bind)
    kept = [column for column in old.columns if column.name != "trade_mode"]
    columns = [sa.Column(column.name, column.type, nullable=column.nullable) for column in kept]
    if with_mode:
        columns.append(sa.Column("trade_mode", sa.Text(), nullable=False))
    made = f"{table}_new"
    op.create_table(made, *columns, sa.PrimaryKeyConstraint(*key))
    names = [column.name for column in columns]
    values = ["'unknown'" if name == "trade_mode" else name for name in names]
    op.execute(f"INSERT INTO {made} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table}")  # noqa: S608
    op.drop_table(table)
    op.rename_table(made, table)
    if bind.dialect.name == "postgresql":
        op.execute(f"ALTER INDEX {made}_pkey RENAME TO {table}_pkey")
