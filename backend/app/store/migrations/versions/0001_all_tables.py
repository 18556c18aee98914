"""All tables: orders, trades, fees, positions, events, parents, and what stands beside them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.models.types import Money

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_TABLES = (
    "parent_steps",
    "watermarks",
    "trades",
    "strategy_holdings",
    "quarantine",
    "positions",
    "parent_orders",
    "orders",
    "leases",
    "kill_switch",
    "journal_cursors",
    "idempotent_requests",
    "fees",
    "execution_events",
    "equity_days",
    "cash_movements",
    "balances",
    "accounts",
)


def _where(condition: str, on_postgresql: str | None = None) -> dict[str, Any]:
    """A partial index's condition for both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(on_postgresql or condition)}


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("installation", sa.Text(), nullable=False),
        sa.Column("created_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "balances",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", Money(), nullable=False),
        sa.Column("venue_total", Money(), nullable=True),
        sa.Column("updated_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "currency"),
    )
    op.create_table(
        "cash_movements",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("movement", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=True),
        sa.Column("price", Money(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "movement"),
    )
    with op.batch_alter_table("cash_movements", schema=None) as batch_op:
        batch_op.create_index("ix_cash_movements_at", ["account", "at_ns"], unique=False)

    op.create_table(
        "equity_days",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("equity", Money(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "day"),
    )
    op.create_table(
        "execution_events",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("trade_id", sa.Text(), nullable=True),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("cause_seq", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "seq"),
    )
    with op.batch_alter_table("execution_events", schema=None) as batch_op:
        batch_op.create_index("ix_events_order", ["order_id"], unique=False, **_where("order_id IS NOT NULL"))
        batch_op.create_index(
            "ix_events_rare", ["account", "kind", "seq"], unique=False, **_where("substr(kind, 1, 6) <> 'order.'")
        )

    op.create_table(
        "fees",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("trade_id", sa.Text(), nullable=False),
        sa.Column("exchange_order_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("recorded_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "instrument_id", "trade_id", "exchange_order_id", "currency"),
    )
    op.create_table(
        "idempotent_requests",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "key"),
    )
    op.create_table(
        "journal_cursors",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "consumer"),
    )
    op.create_table(
        "kill_switch",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("engaged", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "leases",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "orders",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("client_order_id", sa.Text(), nullable=False),
        sa.Column("exchange_order_id", sa.Text(), nullable=True),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("order_type", sa.Text(), nullable=False),
        sa.Column("trade_mode", sa.Text(), nullable=False),
        sa.Column("position_side", sa.Text(), nullable=False),
        sa.Column("reduce_only", sa.Boolean(), nullable=False),
        sa.Column("size", Money(), nullable=False),
        sa.Column("size_unit", sa.Text(), nullable=False),
        sa.Column("price", Money(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("filled_size", Money(), nullable=False),
        sa.Column("reported_filled", Money(), nullable=False),
        sa.Column("average_fill_price", Money(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("cancel_source", sa.Text(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("strategy_id", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("parent_step", sa.Integer(), nullable=True),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("intent_hash", sa.Text(), nullable=False),
        sa.Column("risk_decision", sa.Text(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_ns", sa.BigInteger(), nullable=False),
        sa.Column("sent_ns", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_ns", sa.BigInteger(), nullable=True),
        sa.Column("updated_ns", sa.BigInteger(), nullable=False),
        sa.Column("completed_ns", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("order_id"),
        sa.UniqueConstraint("account", "client_order_id", name="uq_orders_client_order_id"),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index("ix_orders_created", ["account", "created_ns"], unique=False)
        batch_op.create_index("ix_orders_exchange_order_id", ["account", "exchange_order_id"], unique=False)
        batch_op.create_index("ix_orders_instrument_created", ["account", "instrument_id", "created_ns"], unique=False)
        batch_op.create_index(
            "ix_orders_open", ["account", "is_open"], unique=False, **_where("is_open = 1", "is_open")
        )
        batch_op.create_index(
            "ix_orders_parent", ["account", "parent_id"], unique=False, **_where("parent_id IS NOT NULL")
        )
        batch_op.create_index(
            "ix_orders_refused",
            ["account", "status", "created_ns"],
            unique=False,
            **_where("status IN ('denied', 'rejected', 'never_accepted')"),
        )
        batch_op.create_index(
            "ix_orders_strategy_created",
            ["account", "strategy_id", "created_ns"],
            unique=False,
            **_where("strategy_id IS NOT NULL"),
        )

    op.create_table(
        "parent_orders",
        sa.Column("parent_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_ns", sa.BigInteger(), nullable=False),
        sa.Column("updated_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("parent_id"),
    )
    with op.batch_alter_table("parent_orders", schema=None) as batch_op:
        batch_op.create_index("ix_parents_created", ["account", "created_ns"], unique=False)
        batch_op.create_index(
            "ix_parents_open", ["account", "is_open"], unique=False, **_where("is_open = 1", "is_open")
        )

    op.create_table(
        "positions",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("position_side", sa.Text(), nullable=False),
        sa.Column("size", Money(), nullable=False),
        sa.Column("cost", Money(), nullable=False),
        sa.Column("entry_price", Money(), nullable=True),
        sa.Column("realised_pnl", Money(), nullable=False),
        sa.Column("fee_value", Money(), nullable=False),
        sa.Column("fees", sa.Text(), nullable=False),
        sa.Column("fill_count", sa.BigInteger(), nullable=False),
        sa.Column("last_fill_order", sa.Text(), nullable=True),
        sa.Column("mark_price", Money(), nullable=True),
        sa.Column("unrealised_pnl", Money(), nullable=True),
        sa.Column("margin", Money(), nullable=True),
        sa.Column("leverage", Money(), nullable=True),
        sa.Column("marked_ns", sa.BigInteger(), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("updated_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "instrument_id", "position_side"),
    )
    op.create_table(
        "quarantine",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "seq"),
    )
    op.create_table(
        "strategy_holdings",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("strategy_id", sa.Text(), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("position_side", sa.Text(), nullable=False),
        sa.Column("size", Money(), nullable=False),
        sa.PrimaryKeyConstraint("account", "strategy_id", "instrument_id", "position_side"),
    )
    op.create_table(
        "trades",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("trade_id", sa.Text(), nullable=False),
        sa.Column("exchange_order_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("client_order_id", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("position_side", sa.Text(), nullable=False),
        sa.Column("price", Money(), nullable=False),
        sa.Column("size", Money(), nullable=False),
        sa.Column("liquidity", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("strategy_id", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("traded_ns", sa.BigInteger(), nullable=False),
        sa.Column("recorded_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "instrument_id", "trade_id", "exchange_order_id"),
    )
    with op.batch_alter_table("trades", schema=None) as batch_op:
        batch_op.create_index("ix_trades_instrument_traded", ["account", "instrument_id", "traded_ns"], unique=False)
        batch_op.create_index("ix_trades_order", ["order_id"], unique=False)
        batch_op.create_index("ix_trades_traded", ["account", "traded_ns"], unique=False)

    op.create_table(
        "watermarks",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "stream"),
    )
    op.create_table(
        "parent_steps",
        sa.Column("parent_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=True),
        sa.Column("client_order_id", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("decided_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["parent_orders.parent_id"],
        ),
        sa.PrimaryKeyConstraint("parent_id", "step"),
    )


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
