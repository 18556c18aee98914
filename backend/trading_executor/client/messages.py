"""What the stream tells, as types.

Written by `python -m tests.support.client_models`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from app.domain.order_words import OrderSide
from app.domain.parents import ParentStatus
from trading_executor.client.models import Account, Execution, OrderResponse, PositionResponse, TradeResponse


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """What a person should know. detail: the event's payload."""

    kind: str
    detail: Mapping[str, Any]


class BalancesMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Balances and equity as GET /api/v1/trading/account shows them: they hold at least the events up to as_of."""

    type: Literal["balances"]
    seq: None
    as_of: int
    account: Account


class BookMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The top of one order book, best first, each level price and size. valid: false from a break of the exchange's
    stream to the next snapshot."""

    type: Literal["book"]
    seq: None
    instrument_id: str
    valid: bool
    bids: tuple[tuple[Decimal, ...], ...]
    asks: tuple[tuple[Decimal, ...], ...]
    exchange_at: datetime | None


class ErrorMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Why the stream ends, before it does; problem: as HTTP would answer it."""

    type: Literal["error"]
    seq: None
    problem: Mapping[str, Any]


class EventMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the journal: seq, when, what, on whose word; and of it what the channels asked for hold. A member
    that is not there has nothing to say."""

    type: Literal["event"]
    seq: int
    at: datetime
    kind: str
    principal: str
    order: OrderResponse | None = None
    fills: tuple[TradeResponse, ...] | None = None
    execution: ExecutionChange | None = None
    step: ExecutionStep | None = None
    movement: Movement | None = None
    alert: Alert | None = None


class ExecutionChange(msgspec.Struct, frozen=True, kw_only=True):
    """An execution's own terms and state. filled_size: what its orders had filled when this was written."""

    parent_id: str
    strategy: str
    strategy_id: str | None
    instrument_id: str
    side: OrderSide
    size: Decimal
    limit_price: Decimal | None
    filled_size: Decimal
    status: ParentStatus
    reason: str


class ExecutionStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of an execution, decided before it is done: it places, cancels or amends an order of its own."""

    parent_id: str
    step: int
    act: str
    order_id: str | None
    reason: str | None


class ExecutionsMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The executions that are not over, as they stand: they hold at least the events up to as_of."""

    type: Literal["executions"]
    seq: None
    as_of: int
    executions: tuple[Execution, ...]


class HeartbeatMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Every few seconds. as_of: of the events up to here nothing is missing; a resume may begin after it."""

    type: Literal["heartbeat"]
    seq: None
    as_of: int


class HelloMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The first message. after: events with a higher seq follow; head: the newest event there is."""

    type: Literal["hello"]
    seq: None
    account: str
    after: int
    head: int
    channels: tuple[str, ...]
    books: tuple[str, ...]
    principal: str


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came or went and that no fill explains. price: of one unit, in the valuation currency."""

    movement: int
    currency: str
    amount: Decimal
    kind: str
    instrument_id: str | None
    price: Decimal | None
    note: str | None
    bill_id: str | None


class PositionsMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Every position that is not flat, as it stands: it holds at least the events up to as_of."""

    type: Literal["positions"]
    seq: None
    as_of: int
    positions: tuple[PositionResponse, ...]


class StatusMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What GET /api/v1/status shows: at once when readiness changes, else every few seconds."""

    type: Literal["status"]
    seq: None
    as_of: int
    status: Mapping[str, Any]
