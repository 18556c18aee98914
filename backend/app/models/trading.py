"""The tables: orders, trades, positions, execution events, and what stands beside them.

Amounts are exact decimals in the instrument's unit; instants are nanoseconds since 1970 UTC (`*_ns`). Rows are written
by the one writer of the account (app.store.writer) and read by anyone. Text has no length limits: lengths are checked
at the doors, and a long word from a venue must not fail a commit.
"""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.domain.orders import Liquidity, OrderSide, OrderStatus, OrderType, PositionSide, TradeMode
from app.models.types import Money

__all__ = [
    "AccountRow",
    "Base",
    "CashMovement",
    "EquityDay",
    "ExecutionEvent",
    "FeePayment",
    "IdempotentRequest",
    "JournalCursor",
    "KillSwitchRow",
    "Lease",
    "Liquidity",
    "Order",
    "OrderSide",
    "OrderStatus",
    "OrderType",
    "ParentOrder",
    "ParentStep",
    "Position",
    "PositionSide",
    "Quarantine",
    "StrategyHolding",
    "Trade",
    "TradeMode",
    "Watermark",
]


def _instant(ns: int | None) -> datetime | None:
    return (
        None if ns is None else datetime.fromtimestamp(ns // 1_000_000_000, UTC).replace(microsecond=ns // 1000 % 10**6)
    )


class Base(DeclarativeBase):
    """All tables of the system."""


class AccountRow(Base):
    """The account that this database was made for; another exchange or uid is refused at start."""

    __tablename__ = "accounts"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    exchange: Mapped[str] = mapped_column(Text)
    environment: Mapped[str] = mapped_column(Text)
    uid: Mapped[str] = mapped_column(Text)
    installation: Mapped[str] = mapped_column(Text)
    created_ns: Mapped[int] = mapped_column(BigInteger)


class Lease(Base):
    """Who may write for an account: every commit renews seq under its epoch, or fails (INVARIANTS S8)."""

    __tablename__ = "leases"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[str] = mapped_column(Text)
    seq: Mapped[int] = mapped_column(BigInteger)
    expires_ms: Mapped[int] = mapped_column(BigInteger)


class Order(Base):
    """One order: what was asked for, what became of it, and what links it to strategy, parent and risk decision.

    size, filled_size, reported_filled in the instrument's unit (size_unit); cost is the sum of price*size over fills.
    is_open: not settled, so it is loaded at start. refusal: of which class the exchange's refusal is. facts: the
    rest of the state as canonical JSON, for exact reload.
    """

    __tablename__ = "orders"

    order_id: Mapped[str] = mapped_column(Text, primary_key=True)
    account: Mapped[str] = mapped_column(Text)
    client_order_id: Mapped[str] = mapped_column(Text)
    exchange_order_id: Mapped[str | None] = mapped_column(Text)
    instrument_id: Mapped[str] = mapped_column(Text)
    side: Mapped[str] = mapped_column(Text)
    order_type: Mapped[str] = mapped_column(Text)
    trade_mode: Mapped[str] = mapped_column(Text)
    position_side: Mapped[str] = mapped_column(Text)
    reduce_only: Mapped[bool] = mapped_column(Boolean)
    size: Mapped[Decimal] = mapped_column(Money)
    size_unit: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal | None] = mapped_column(Money)
    status: Mapped[str] = mapped_column(Text)
    filled_size: Mapped[Decimal] = mapped_column(Money)
    reported_filled: Mapped[Decimal] = mapped_column(Money)
    average_fill_price: Mapped[Decimal | None] = mapped_column(Money)
    error_code: Mapped[str | None] = mapped_column(Text)
    error_message: Mapped[str | None] = mapped_column(Text)
    refusal: Mapped[str | None] = mapped_column(Text)
    cancel_source: Mapped[str | None] = mapped_column(Text)
    cancel_requested: Mapped[bool] = mapped_column(Boolean)
    strategy_id: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[str | None] = mapped_column(Text)
    parent_step: Mapped[int | None] = mapped_column(Integer)
    external: Mapped[bool] = mapped_column(Boolean)
    intent_hash: Mapped[str] = mapped_column(Text)
    risk_decision: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[str] = mapped_column(Text)
    is_open: Mapped[bool] = mapped_column(Boolean)
    created_ns: Mapped[int] = mapped_column(BigInteger)
    sent_ns: Mapped[int | None] = mapped_column(BigInteger)
    acknowledged_ns: Mapped[int | None] = mapped_column(BigInteger)
    updated_ns: Mapped[int] = mapped_column(BigInteger)
    completed_ns: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        UniqueConstraint("account", "client_order_id", name="uq_orders_client_order_id"),
        Index("ix_orders_exchange_order_id", "account", "exchange_order_id"),
        Index("ix_orders_created", "account", "created_ns"),
        Index("ix_orders_instrument_created", "account", "instrument_id", "created_ns"),
        Index(
            "ix_orders_strategy_created",
            "account",
            "strategy_id",
            "created_ns",
            sqlite_where=text("strategy_id IS NOT NULL"),
            postgresql_where=text("strategy_id IS NOT NULL"),
        ),
        Index(
            "ix_orders_refused",
            "account",
            "status",
            "created_ns",
            sqlite_where=text("status IN ('denied', 'rejected', 'never_accepted')"),
            postgresql_where=text("status IN ('denied', 'rejected', 'never_accepted')"),
        ),
        Index(
            "ix_orders_parent",
            "account",
            "parent_id",
            sqlite_where=text("parent_id IS NOT NULL"),
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
        # is_open stands in it too: two equalities beat ix_orders_created's one, or SQLite would walk the whole history.
        Index(
            "ix_orders_open", "account", "is_open", sqlite_where=text("is_open = 1"), postgresql_where=text("is_open")
        ),
    )

    @property
    def created_at(self) -> datetime | None:
        return _instant(self.created_ns)

    @property
    def updated_at(self) -> datetime | None:
        return _instant(self.updated_ns)


class Trade(Base):
    """One fill, exactly as the venue recorded it; never changed and never deleted.

    The identity is (account, instrument, trade id, exchange order id). Fees stand in FeePayment rows. trade_mode: NULL
    in rows of before modes told positions apart; those belong where the event position.mode says. pnl: what it
    realised by the venue's figure, NULL where it has not said.
    """

    __tablename__ = "trades"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    instrument_id: Mapped[str] = mapped_column(Text, primary_key=True)
    trade_id: Mapped[str] = mapped_column(Text, primary_key=True)
    exchange_order_id: Mapped[str] = mapped_column(Text, primary_key=True)
    order_id: Mapped[str] = mapped_column(Text)
    client_order_id: Mapped[str] = mapped_column(Text)
    side: Mapped[str] = mapped_column(Text)
    position_side: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(Money)
    size: Mapped[Decimal] = mapped_column(Money)
    liquidity: Mapped[str | None] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    strategy_id: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[str | None] = mapped_column(Text)
    traded_ns: Mapped[int] = mapped_column(BigInteger)
    recorded_ns: Mapped[int] = mapped_column(BigInteger)
    trade_mode: Mapped[str | None] = mapped_column(Text)
    pnl: Mapped[Decimal | None] = mapped_column(Money)

    __table_args__ = (
        Index("ix_trades_traded", "account", "traded_ns"),
        Index("ix_trades_instrument_traded", "account", "instrument_id", "traded_ns"),
        Index("ix_trades_order", "order_id"),
    )

    @property
    def traded_at(self) -> datetime | None:
        return _instant(self.traded_ns)


class FeePayment(Base):
    """The fee of one trade in its own currency: positive is paid, negative is a rebate. Append-only."""

    __tablename__ = "fees"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    instrument_id: Mapped[str] = mapped_column(Text, primary_key=True)
    trade_id: Mapped[str] = mapped_column(Text, primary_key=True)
    exchange_order_id: Mapped[str] = mapped_column(Text, primary_key=True)
    currency: Mapped[str] = mapped_column(Text, primary_key=True)
    amount: Mapped[Decimal] = mapped_column(Money)
    recorded_ns: Mapped[int] = mapped_column(BigInteger)


class Position(Base):
    """One position as the fold of its fills, with the venue's margin figures beside it.

    trade_mode: cash, cross or isolated; "unknown" until the first start after the revision that brought it. cost: see
    app.domain.positions. mark, margin, leverage: the venue's, at marked_ns.
    """

    __tablename__ = "positions"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    instrument_id: Mapped[str] = mapped_column(Text, primary_key=True)
    position_side: Mapped[str] = mapped_column(Text, primary_key=True)
    trade_mode: Mapped[str] = mapped_column(Text, primary_key=True)
    size: Mapped[Decimal] = mapped_column(Money)
    cost: Mapped[Decimal] = mapped_column(Money)
    entry_price: Mapped[Decimal | None] = mapped_column(Money)
    realised_pnl: Mapped[Decimal] = mapped_column(Money)
    fee_value: Mapped[Decimal] = mapped_column(Money)
    fees: Mapped[str] = mapped_column(Text)
    fill_count: Mapped[int] = mapped_column(BigInteger)
    last_fill_order: Mapped[str | None] = mapped_column(Text)
    mark_price: Mapped[Decimal | None] = mapped_column(Money)
    unrealised_pnl: Mapped[Decimal | None] = mapped_column(Money)
    margin: Mapped[Decimal | None] = mapped_column(Money)
    leverage: Mapped[Decimal | None] = mapped_column(Money)
    marked_ns: Mapped[int | None] = mapped_column(BigInteger)
    event_seq: Mapped[int] = mapped_column(BigInteger)
    updated_ns: Mapped[int] = mapped_column(BigInteger)


class ExecutionEvent(Base):
    """The journal: gapless per account, hash-chained, linked to order, trade, position, parent and cause."""

    __tablename__ = "execution_events"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at_ns: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    principal: Mapped[str] = mapped_column(Text)
    order_id: Mapped[str | None] = mapped_column(Text)
    trade_id: Mapped[str | None] = mapped_column(Text)
    position: Mapped[str | None] = mapped_column(Text)
    parent_id: Mapped[str | None] = mapped_column(Text)
    cause_seq: Mapped[int | None] = mapped_column(BigInteger)
    payload: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Index(
            "ix_events_order",
            "order_id",
            sqlite_where=text("order_id IS NOT NULL"),
            postgresql_where=text("order_id IS NOT NULL"),
        ),
        # All but the orders' own events, which are most of them and are found by order.
        Index(
            "ix_events_rare",
            "account",
            "kind",
            "seq",
            sqlite_where=text("substr(kind, 1, 6) <> 'order.'"),
            postgresql_where=text("substr(kind, 1, 6) <> 'order.'"),
        ),
    )

    @property
    def at(self) -> datetime | None:
        return _instant(self.at_ns)


class ParentOrder(Base):
    """An order that an execution strategy works: the row is the state (app.domain.parents)."""

    __tablename__ = "parent_orders"

    parent_id: Mapped[str] = mapped_column(Text, primary_key=True)
    account: Mapped[str] = mapped_column(Text)
    strategy: Mapped[str] = mapped_column(Text)
    config: Mapped[str] = mapped_column(Text)
    params: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    next_step: Mapped[int] = mapped_column(Integer)
    is_open: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(Text)
    created_ns: Mapped[int] = mapped_column(BigInteger)
    updated_ns: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_parents_created", "account", "created_ns"),
        Index(
            "ix_parents_open", "account", "is_open", sqlite_where=text("is_open = 1"), postgresql_where=text("is_open")
        ),
    )


class ParentStep(Base):
    """One decided step of a parent, a row before it is an act; a place step names its one child for ever."""

    __tablename__ = "parent_steps"

    parent_id: Mapped[str] = mapped_column(ForeignKey("parent_orders.parent_id"), primary_key=True)
    step: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    order_id: Mapped[str | None] = mapped_column(Text)
    client_order_id: Mapped[str | None] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    decided_ns: Mapped[int] = mapped_column(BigInteger)


class CashMovement(Base):
    """A change of a currency's balance that no fill explains: opening, rounding, unexplained, or a bill of the venue
    (funding, interest, transfer, ...).

    price: what one unit was worth in the valuation currency when it came (declared or marked), None if unknown.
    bill_id: the venue's; the database takes each once. equity: what the account was worth just before, in the valuation
    currency, where something came or went; NULL in rows of before that was kept.
    """

    __tablename__ = "cash_movements"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    movement: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    currency: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Money)
    kind: Mapped[str] = mapped_column(Text)
    instrument_id: Mapped[str | None] = mapped_column(Text)
    price: Mapped[Decimal | None] = mapped_column(Money)
    note: Mapped[str] = mapped_column(Text)
    at_ns: Mapped[int] = mapped_column(BigInteger)
    bill_id: Mapped[str | None] = mapped_column(Text)
    equity: Mapped[Decimal | None] = mapped_column(Money)

    __table_args__ = (
        Index("ix_cash_movements_at", "account", "at_ns"),
        Index("ux_cash_movements_bill", "account", "bill_id", unique=True),
    )


class BalanceRow(Base):
    """A currency's balance by the ledger: movements plus the legs and fees of all trades."""

    __tablename__ = "balances"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    currency: Mapped[str] = mapped_column(Text, primary_key=True)
    total: Mapped[Decimal] = mapped_column(Money)
    venue_total: Mapped[Decimal | None] = mapped_column(Money)
    updated_ns: Mapped[int] = mapped_column(BigInteger)


class StrategyHolding(Base):
    """What a strategy holds by its own fills: what its CLOSE closes."""

    __tablename__ = "strategy_holdings"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    strategy_id: Mapped[str] = mapped_column(Text, primary_key=True)
    instrument_id: Mapped[str] = mapped_column(Text, primary_key=True)
    position_side: Mapped[str] = mapped_column(Text, primary_key=True)
    trade_mode: Mapped[str] = mapped_column(Text, primary_key=True)
    size: Mapped[Decimal] = mapped_column(Money)


class EquityDay(Base):
    """Equity at the start of a UTC day (00:00, or the first moment of the day that we saw).

    parts: what it was made of, as JSON (services.trading.day_figures.DayParts); null in days of earlier releases.
    """

    __tablename__ = "equity_days"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[str] = mapped_column(Text, primary_key=True)
    equity: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(Text)
    at_ns: Mapped[int] = mapped_column(BigInteger)
    parts: Mapped[str | None] = mapped_column(Text)


class KillSwitchRow(Base):
    """Engaged means: no new order and no amend, whatever asks; cancels go on. Survives restarts."""

    __tablename__ = "kill_switch"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    engaged: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(Text)
    principal: Mapped[str] = mapped_column(Text)
    at_ns: Mapped[int] = mapped_column(BigInteger)


class Watermark(Base):
    """How far a venue history has been read and committed."""

    __tablename__ = "watermarks"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    stream: Mapped[str] = mapped_column(Text, primary_key=True)
    at_ns: Mapped[int] = mapped_column(BigInteger)


class Quarantine(Base):
    """A venue message that could not be read or applied, kept with its raw text."""

    __tablename__ = "quarantine"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    raw: Mapped[str] = mapped_column(Text)
    at_ns: Mapped[int] = mapped_column(BigInteger)


class IdempotentRequest(Base):
    """A POST that was answered: the same key and body get the same answer, another body is refused."""

    __tablename__ = "idempotent_requests"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    body_hash: Mapped[str] = mapped_column(Text)
    order_id: Mapped[str | None] = mapped_column(Text)
    status_code: Mapped[int | None] = mapped_column(Integer)
    response: Mapped[str | None] = mapped_column(Text)
    at_ns: Mapped[int] = mapped_column(BigInteger)


class JournalCursor(Base):
    """How far a durable consumer of the journal has come: every event up to and including seq has been dealt with."""

    __tablename__ = "journal_cursors"

    account: Mapped[str] = mapped_column(Text, primary_key=True)
    consumer: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    at_ns: Mapped[int] = mapped_column(BigInteger)
