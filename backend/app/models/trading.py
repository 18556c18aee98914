"""The tables: orders, trades, positions, execution events, and what stands beside them.

Amounts are exact decimals in the instrument's unit; instants are nanoseconds since 1970 UTC (`*_ns`). Rows are written
by the one writer of the account (app.store.writer) and read by anyone. Text has no length limits: lengths are checked
at the doors, and a long word from a venue must not fail a commit.
"""

from datetime import UTC, datetime
from decimal import Decimal
from operator import not_

from sqlalchemy import BigInteger, Boolean, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.instruments import Instrument, SizeUnit
from app.domain.money import rounded
from app.domain.orders import Liquidity, OrderSide, OrderStatus, OrderType, PositionSide, TradeMode
from app.domain.positions import Position as PositionState
from app.domain.positions import PositionFold, fill_order
from app.domain.refusals import RefusalClass
from app.models.account import (
    AccountRow,
    AlertRow,
    ApiKeyRow,
    ApprovalRow,
    BalanceRow,
    CashMovement,
    EquityDay,
    IdempotentRequest,
    KillSwitchRow,
    Lease,
    NoticePlace,
    Quarantine,
    StrategyHolding,
    StrategyState,
    Watermark,
)
from app.models.base import Base
from app.models.columns import (
    AMOUNTS,
    FOREIGN,
    FOREIGN_OR_NULL,
    JSON,
    TEXT_OR_NULL,
    UNKNOWN_MODE,
    column,
    made,
    to_json,
    word,
)
from app.models.order_facts import CONDITION, DECISION, order_facts
from app.models.parents import ParentOrder, ParentStep
from app.models.performance import PerformanceFold, PerformancePart
from app.models.tca import TcaFill, TcaWindow
from app.models.types import Money

__all__ = [
    "AccountRow",
    "AlertRow",
    "ApiKeyRow",
    "ApprovalRow",
    "BalanceRow",
    "Base",
    "CashMovement",
    "EquityDay",
    "ExecutionEvent",
    "FeePayment",
    "IdempotentRequest",
    "KillSwitchRow",
    "Lease",
    "Liquidity",
    "NoticePlace",
    "Order",
    "OrderSide",
    "OrderStatus",
    "OrderType",
    "ParentOrder",
    "ParentStep",
    "PerformanceFold",
    "PerformancePart",
    "Position",
    "PositionSide",
    "Quarantine",
    "StrategyHolding",
    "StrategyState",
    "TcaFill",
    "TcaWindow",
    "Trade",
    "TradeMode",
    "Watermark",
]


def _instant(ns: int | None) -> datetime | None:
    return (
        None if ns is None else datetime.fromtimestamp(ns // 1_000_000_000, UTC).replace(microsecond=ns // 1000 % 10**6)
    )


def _entry_price(position: PositionState, instrument: Instrument | None) -> Decimal | None:
    """To the tick; none for a delisted instrument."""
    entry = None if instrument is None else position.entry_price(instrument)
    return None if entry is None or instrument is None else rounded(entry, step=instrument.tick)


def _last_fill_order(fold: PositionFold) -> str | None:
    last = fill_order(fold.recent[-1]) if fold.recent else fold.base_order
    return None if last is None else to_json(last)


class Order(Base):
    """One order: what was asked for, what became of it, and what links it to strategy, parent and risk decision.

    size, filled_size, reported_filled in the instrument's unit (size_unit); size and price are the present terms,
    requested_size and requested_price those it began with. What begins with order.request is written once: together
    it is the request (OrderRequest). is_open: not settled, so it is loaded at start. refusal: of which class the
    exchange's refusal is. facts: what changes, all of it, as canonical JSON (app.models.order_facts).
    """

    __tablename__ = "orders"

    order_id: Mapped[str] = column(Text, "order.request.order_id", key=True)
    account: Mapped[str] = column(Text, "order.request.account")
    client_order_id: Mapped[str] = column(Text, "order.request.client_order_id")
    exchange_order_id: Mapped[str | None] = column(Text, "order.venue_order_id", TEXT_OR_NULL, changes=True)
    instrument_id: Mapped[str] = column(Text, "order.request.instrument_id")
    side: Mapped[str] = column(Text, "order.request.side", word(OrderSide))
    order_type: Mapped[str] = column(Text, "order.request.order_type", word(OrderType))
    trade_mode: Mapped[str] = column(Text, "order.request.trade_mode", word(TradeMode))
    position_side: Mapped[str] = column(Text, "order.request.position_side", word(PositionSide))
    reduce_only: Mapped[bool] = column(Boolean, "order.request.reduce_only")
    size: Mapped[Decimal] = column(Money, "order.size", changes=True)
    size_unit: Mapped[str] = column(Text, "order.request.size_unit", word(SizeUnit))
    price: Mapped[Decimal | None] = column(Money, "order.price", changes=True)
    requested_size: Mapped[Decimal] = column(Money, "order.request.size")
    requested_price: Mapped[Decimal | None] = column(Money, "order.request.price")
    reference_price: Mapped[Decimal | None] = column(Money, "order.request.reference_price")
    expires_ns: Mapped[int | None] = column(BigInteger, "order.request.expires_ns")
    status: Mapped[str] = column(Text, "order.status", word(OrderStatus), changes=True)
    filled_size: Mapped[Decimal] = column(Money, "order.filled_size", changes=True)
    reported_filled: Mapped[Decimal] = column(Money, "order.reported_filled", changes=True)
    average_fill_price: Mapped[Decimal | None] = column(Money, "order.average_fill_price", changes=True)
    error_code: Mapped[str | None] = column(Text, "order.error_code", FOREIGN_OR_NULL, changes=True)
    error_message: Mapped[str | None] = column(Text, "order.error_message", FOREIGN_OR_NULL, changes=True)
    refusal: Mapped[str | None] = column(Text, "order.refusal", word(RefusalClass), changes=True)
    cancel_source: Mapped[str | None] = column(Text, "order.cancel_source", FOREIGN_OR_NULL, changes=True)
    cancel_requested: Mapped[bool] = column(Boolean, "order.cancel_requested", changes=True)
    strategy_id: Mapped[str | None] = column(Text, "order.request.strategy_id")
    parent_id: Mapped[str | None] = column(Text, "order.request.parent_id")
    parent_step: Mapped[int | None] = column(Integer, "order.request.parent_step")
    external: Mapped[bool] = column(Boolean, "order.request.external")
    condition: Mapped[str | None] = column(Text, "order.request.condition", CONDITION)
    decision: Mapped[str | None] = column(Text, "order.request.decision", DECISION)
    intent_hash: Mapped[str] = column(Text, "intent_hash")
    risk_decision: Mapped[str | None] = column(Text, "risk_decision", JSON)
    facts: Mapped[str] = column(Text, made(order_facts, "order"), JSON, changes=True)
    is_open: Mapped[bool] = column(Boolean, made(not_, "order.settled"), changes=True)
    created_ns: Mapped[int] = column(BigInteger, "order.request.created_ns")
    sent_ns: Mapped[int | None] = column(BigInteger, "order.sent_ns", changes=True)
    acknowledged_ns: Mapped[int | None] = column(BigInteger, "order.acknowledged_ns", changes=True)
    updated_ns: Mapped[int] = column(BigInteger, "order.updated_ns", changes=True)
    completed_ns: Mapped[int | None] = column(BigInteger, "order.completed_ns", changes=True)

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
            sqlite_where=text("status IN ('denied', 'rejected', 'never_accepted', 'not_sent')"),
            postgresql_where=text("status IN ('denied', 'rejected', 'never_accepted', 'not_sent')"),
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

    account: Mapped[str] = column(Text, "order.request.account", key=True)
    instrument_id: Mapped[str] = column(Text, "fill.instrument_id", key=True)
    trade_id: Mapped[str] = column(Text, "fill.trade_id", key=True)
    exchange_order_id: Mapped[str] = column(Text, "fill.venue_order_id", key=True)
    order_id: Mapped[str] = column(Text, "order.request.order_id")
    client_order_id: Mapped[str] = column(Text, "order.request.client_order_id")
    side: Mapped[str] = column(Text, "fill.side", word(OrderSide))
    position_side: Mapped[str] = column(Text, "fill.position_side", word(PositionSide))
    price: Mapped[Decimal] = column(Money, "fill.price")
    size: Mapped[Decimal] = column(Money, "fill.size")
    liquidity: Mapped[str | None] = column(Text, "fill.liquidity", word(Liquidity))
    category: Mapped[str] = column(Text, "fill.category", FOREIGN)
    strategy_id: Mapped[str | None] = column(Text, "order.request.strategy_id")
    parent_id: Mapped[str | None] = column(Text, "order.request.parent_id")
    traded_ns: Mapped[int] = column(BigInteger, "fill.time_ns")
    recorded_ns: Mapped[int] = column(BigInteger, "recorded_ns")
    trade_mode: Mapped[str | None] = column(Text, "fill.trade_mode", word(TradeMode))
    pnl: Mapped[Decimal | None] = column(Money, "fill.pnl")

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

    account: Mapped[str] = column(Text, "account", key=True)
    instrument_id: Mapped[str] = column(Text, "fill.instrument_id", key=True)
    trade_id: Mapped[str] = column(Text, "fill.trade_id", key=True)
    exchange_order_id: Mapped[str] = column(Text, "fill.venue_order_id", key=True)
    currency: Mapped[str] = column(Text, "fill.fee_currency", key=True)
    amount: Mapped[Decimal] = column(Money, "fill.fee")
    recorded_ns: Mapped[int] = column(BigInteger, "recorded_ns")


class Position(Base):
    """One position as the fold of its fills, with the venue's margin figures beside it.

    trade_mode: cash, cross or isolated; "unknown" until the first start after the revision that brought it. cost: see
    app.domain.positions. mark_price, unrealised_pnl, margin and leverage: as they were at marked_ns, written once a
    minute, and no part of the journal.
    """

    __tablename__ = "positions"

    account: Mapped[str] = column(Text, "account", key=True)
    instrument_id: Mapped[str] = column(Text, "key.instrument_id", key=True)
    position_side: Mapped[str] = column(Text, "key.side", word(PositionSide), key=True)
    trade_mode: Mapped[str] = column(Text, "key.mode", word(TradeMode, UNKNOWN_MODE), key=True)
    size: Mapped[Decimal] = column(Money, "fold.position.size", changes=True)
    cost: Mapped[Decimal] = column(Money, "fold.position.cost", changes=True)
    entry_price: Mapped[Decimal | None] = column(Money, made(_entry_price, "fold.position", "instrument"), changes=True)
    realised_pnl: Mapped[Decimal] = column(Money, "fold.position.realised_pnl", changes=True)
    fee_value: Mapped[Decimal] = column(Money, "fold.position.fee_value", changes=True)
    fees: Mapped[str] = column(Text, "fold.position.fees", AMOUNTS, changes=True)
    fill_count: Mapped[int] = column(BigInteger, "fold.position.fill_count", changes=True)
    last_fill_order: Mapped[str | None] = column(Text, made(_last_fill_order, "fold"), JSON, changes=True)
    mark_price: Mapped[Decimal | None] = mapped_column(Money)
    unrealised_pnl: Mapped[Decimal | None] = mapped_column(Money)
    margin: Mapped[Decimal | None] = mapped_column(Money)
    leverage: Mapped[Decimal | None] = mapped_column(Money)
    marked_ns: Mapped[int | None] = mapped_column(BigInteger)
    event_seq: Mapped[int] = column(BigInteger, "event_seq", changes=True)
    updated_ns: Mapped[int] = column(BigInteger, "now_ns", changes=True)


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
        # An execution's own, and of its orders' those that name it.
        Index(
            "ix_events_parent",
            "account",
            "parent_id",
            sqlite_where=text("parent_id IS NOT NULL"),
            postgresql_where=text("parent_id IS NOT NULL"),
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
