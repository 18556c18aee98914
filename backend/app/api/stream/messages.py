"""What goes over the stream: the messages, by type, and which channel shows what.

A message with a `seq` is an event of the journal: sent once, in order, the same whenever it is asked for. One without
is a state: only the newest counts, and `as_of` says which event it holds for sure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.api.executions import Execution
from app.domain.events import EventKind
from app.domain.orders import OrderSide
from app.domain.parents import ParentStatus
from app.services.trading.schemas import Account, OrderResponse, PositionResponse, TradeResponse

CHANNELS: Mapping[str, str] = {
    "orders": "every change of an order: the order as GET /api/v1/trading/orders/{id} shows it, as of the event",
    "fills": "every fill, once more when its fee becomes known: as GET /api/v1/trading/trades shows it",
    "executions": "every change of an execution and every step it takes; and the open ones as they stand",
    "positions": "the positions as they stand",
    "balances": "every movement of money that no fill explains; and the balances as they stand",
    "alerts": "alerts, kill switch, anomalies, differences, messages set aside, starts, evidence, ended strategies",
    "status": "whether orders are taken and why not, the exchange's streams, the lease, the clock",
}
EVENT_CHANNELS: Mapping[str, str] = {
    "order": "orders",
    "fills": "fills",
    "execution": "executions",
    "step": "executions",
    "movement": "balances",
    "alert": "alerts",
}
"""The members of an event's message, and the channel that each belongs to."""

ALERTS = frozenset(
    {
        EventKind.KILL_SWITCH_ON,
        EventKind.KILL_SWITCH_OFF,
        EventKind.ANOMALY,
        EventKind.DIFFERENCE,
        EventKind.DIFFERENCE_ENDED,
        EventKind.QUARANTINED,
        EventKind.SESSION_STARTED,
        EventKind.OPERATOR_EVIDENCE,
        EventKind.STRATEGY_FAILED,
        EventKind.STRATEGY_STOPPED,
        EventKind.ALERT_FIRED,
        EventKind.ALERT_ACTED,
        EventKind.ALERT_ACKNOWLEDGED,
        EventKind.ALERT_RESOLVED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionChange:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionStep:
    """One step of an execution, decided before it is done: it places, cancels or amends an order of its own."""

    parent_id: str
    step: int
    act: str
    order_id: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Money that came or went and that no fill explains. price: of one unit, in the valuation currency."""

    movement: int
    currency: str
    amount: Decimal
    kind: str
    instrument_id: str | None
    price: Decimal | None
    note: str | None
    bill_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What a person should know. detail: the event's payload."""

    kind: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMessage:
    """One event of the journal: seq, when, what, on whose word; and of it what the channels asked for hold. A member
    that is not there has nothing to say."""

    type: str
    seq: int
    at: datetime
    kind: str
    principal: str
    order: OrderResponse
    fills: tuple[TradeResponse, ...]
    execution: ExecutionChange
    step: ExecutionStep
    movement: Movement
    alert: Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class HelloMessage:
    """The first message. after: events with a higher seq follow; head: the newest event there is."""

    type: str
    seq: None
    account: str
    after: int
    head: int
    channels: tuple[str, ...]
    books: tuple[str, ...]
    principal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatMessage:
    """Every few seconds. as_of: of the events up to here nothing is missing; a resume may begin after it."""

    type: str
    seq: None
    as_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionsMessage:
    """Every position that is not flat, as it stands: it holds at least the events up to as_of."""

    type: str
    seq: None
    as_of: int
    positions: tuple[PositionResponse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancesMessage:
    """Balances and equity as GET /api/v1/trading/account shows them: they hold at least the events up to as_of."""

    type: str
    seq: None
    as_of: int
    account: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionsMessage:
    """The executions that are not over, as they stand: they hold at least the events up to as_of."""

    type: str
    seq: None
    as_of: int
    executions: tuple[Execution, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMessage:
    """What GET /api/v1/status shows: at once when readiness changes, else every few seconds."""

    type: str
    seq: None
    as_of: int
    status: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookMessage:
    """The top of one order book, best first, each level price and size. valid: false from a break of the exchange's
    stream to the next snapshot."""

    type: str
    seq: None
    instrument_id: str
    valid: bool
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]
    exchange_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorMessage:
    """Why the stream ends, before it does; problem: as HTTP would answer it."""

    type: str
    seq: None
    problem: Mapping[str, Any]


MESSAGES: Mapping[str, type[Any]] = {
    "hello": HelloMessage,
    "event": EventMessage,
    "positions": PositionsMessage,
    "balances": BalancesMessage,
    "executions": ExecutionsMessage,
    "status": StatusMessage,
    "book": BookMessage,
    "heartbeat": HeartbeatMessage,
    "error": ErrorMessage,
}
