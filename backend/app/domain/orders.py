"""Orders: what we want (OrderRequest), what we know of it (Order), what the venue says (OrderReport, Fill).

An Order is a join: venue reports may come late, twice and in any order, and the same set of them always gives the
same state. Status is derived from the facts, never stored as one. The functions that change an Order are in
order_changes.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from app.domain.conditions import Condition
from app.domain.decisions import Decision
from app.domain.evolve import frozen
from app.domain.instruments import SizeUnit
from app.domain.money import ZERO, rounded
from app.domain.order_words import (
    ENDING_RANK,
    NEVER_THERE,
    STATUS_OF_ENDING,
    TERMINAL_STATUSES,
    Ending,
    Liquidity,
    OrderSide,
    OrderStatus,
    OrderType,
    Part,
    PositionKey,
    PositionSide,
    TradeMode,
)
from app.domain.refusals import Refusal, RefusalClass

NORMAL = "normal"

TRIGGER_FAILED = "trigger_failed"
"""So begins the cancel source of an order that fired at the venue, which could place none for it."""

SELF_TRADE = "self_trade"
"""So begins the cancel source of an order that the venue ended because it would have met one of the same account."""

FORCED_CATEGORIES = frozenset({"full_liquidation", "partial_liquidation", "adl", "delivery"})
"""Executions that the venue forced on the account. The list is closed: no other word, old or to come, means that."""

FillKey = tuple[str, str]
"""(trade id, venue order id): with account and instrument the identity of a fill; the order id tells the two sides of
a self-trade apart."""


@frozen
class Fill:
    """One execution as the venue recorded it.

    size > 0 in the instrument's unit. fee: positive is paid, negative is a rebate, in fee_currency; None while the
    venue has not said. category: how it came about, in the venue's word (FORCED_CATEGORIES; any other is tolerated).
    trade_mode: None where the venue does not say it of a fill; then it is the order's. pnl: what a contract's fill
    realised by the venue's own figure, in the settlement currency; None when it has not said.
    """

    instrument_id: str
    trade_id: str
    venue_order_id: str
    side: OrderSide
    price: Decimal
    size: Decimal
    time_ns: int
    fee: Decimal | None = None
    fee_currency: str = ""
    liquidity: Liquidity | None = None
    position_side: PositionSide = PositionSide.NET
    category: str = NORMAL
    trade_mode: TradeMode | None = None
    pnl: Decimal | None = None

    @property
    def key(self) -> FillKey:
        return (self.trade_id, self.venue_order_id)

    @property
    def forced(self) -> bool:
        return self.category in FORCED_CATEGORIES


@frozen
class OrderRequest:
    """What one order asks for; it never changes after its intent is durable.

    size in size_unit; price None for market orders; reference_price: the price that risk valued it at (quote per
    base). expires_ns: exchange time after which the venue must refuse it (OKX expTime). external: not ours,
    adopted because the venue reported it (manual trade, liquidation, other software). condition: it is to stand at the
    exchange until that is met, and only then becomes an order there. decision: of one without a parent that a signal
    asked for.
    """

    order_id: str
    account: str
    client_order_id: str
    instrument_id: str
    side: OrderSide
    order_type: OrderType
    size: Decimal
    size_unit: SizeUnit
    price: Decimal | None
    trade_mode: TradeMode
    created_ns: int
    position_side: PositionSide = PositionSide.NET
    reduce_only: bool = False
    reference_price: Decimal | None = None
    strategy_id: str | None = None
    parent_id: str | None = None
    parent_step: int | None = None
    expires_ns: int | None = None
    external: bool = False
    condition: Condition | None = None
    decision: Decision | None = None

    @property
    def key(self) -> PositionKey:
        """The position that the order moves."""
        return PositionKey(self.instrument_id, self.position_side, self.trade_mode)


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change of size (total, filled part included), price or condition, known to the venue by request_id."""

    request_id: str
    size: Decimal | None
    price: Decimal | None
    requested_ns: int
    expires_ns: int | None = None
    condition: Condition | None = None


class VenueState(StrEnum):
    """An order's state in the venue's words, reduced to what matters; OTHER is anything we do not know."""

    LIVE = "live"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    OTHER = "other"


class Source(StrEnum):
    """Which way a report came; all ways lead through the tracker's one door."""

    REPLY = "reply"
    STREAM = "stream"
    POLL = "poll"
    SNAPSHOT = "snapshot"
    AUDIT = "audit"
    OPERATOR = "operator"


class AmendOutcome(StrEnum):
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"


@frozen
class OrderReport:
    """What the venue says of one order at one moment; any part may be missing (None or "").

    filled: cumulative (OKX accFillSz). size, price: the order's present terms. fill: the execution that this report
    carries. venue_time_ns: the venue's update time. read: the serial number of the read that brought it, larger for
    later ones; 0 in the journals of releases that did not number them. condition: what an order waits for at the
    venue; then the report is of that, and not of an order that it becomes. made: the ids of all those, once it becomes
    no more.
    """

    instrument_id: str
    source: Source
    client_order_id: str = ""
    venue_order_id: str = ""
    state: VenueState | None = None
    filled: Decimal | None = None
    size: Decimal | None = None
    price: Decimal | None = None
    fill: Fill | None = None
    venue_time_ns: int = 0
    amend_request_id: str = ""
    amend_outcome: AmendOutcome | None = None
    cancel_source: str = ""
    category: str = NORMAL
    code: str = ""
    message: str = ""
    side: OrderSide | None = None
    order_type: OrderType | None = None
    raw: str = ""
    position_side: PositionSide | None = None
    trade_mode: TradeMode | None = None
    read: int = 0
    condition: Condition | None = None
    made: tuple[str, ...] = ()


NO_FILLS: Mapping[FillKey, Fill] = MappingProxyType({})


class _Kept:
    """Beside the fields of an order, where evolve() leaves it behind: what is asked for a dozen times a state."""

    __slots__ = ("_settled", "_status")
    _settled: bool
    _status: OrderStatus


@frozen
class Order(_Kept):
    """All that is known of one order. Every field only grows or is decided by a fixed rule, so joins commute.

    sent: handed to the transport. unanswered: the send has no definite reply. acknowledged: venue evidence that it
    exists there. ending: see ENDING_RANK. reported_filled: the largest cumulative fill the venue has named. size,
    price: the present terms, by the evidence in terms_* (order_terms.py). asked: our newest amendments, after
    asked_before older ones, each with how many are done when it is. filled, cost: sums over fills (cost is price*size).
    filled_before: what had filled before the ledger began; the opening balances hold it, and no fill of it is booked.
    reasons: why it was denied or held back, all. refusal: the class of that. protects: a conditional order fired it.
    condition: the present one, as of condition_ns (the venue's time). parts, made: see order_parts.py.
    """

    request: OrderRequest
    size: Decimal
    price: Decimal | None
    sent: bool = False
    unanswered: bool = False
    acknowledged: bool = False
    venue_order_id: str = ""
    ending: Ending | None = None
    reported_filled: Decimal = ZERO
    fills: Mapping[FillKey, Fill] = field(default_factory=lambda: NO_FILLS)
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    terms_ns: int = 0
    cancel_requested: bool = False
    amendments: tuple[Amendment, ...] = ()
    settled_amendments: frozenset[str] = frozenset()
    error_code: str = ""
    error_message: str = ""
    cancel_source: str = ""
    reasons: tuple[Refusal, ...] = ()
    sent_ns: int | None = None
    acknowledged_ns: int | None = None
    completed_ns: int | None = None
    updated_ns: int = 0
    filled_before: Decimal = ZERO
    refusal: RefusalClass | None = None
    exit: bool = False
    asked: tuple[tuple[int, Amendment], ...] = ()
    asked_before: int = 0
    terms_done: int = 0
    terms_filled: Decimal = ZERO
    terms_asked: int = 0
    terms_read: int = 0
    protects: bool = False
    condition: Condition | None = None
    condition_ns: int = 0
    parts: tuple[Part, ...] = ()
    made: tuple[str, ...] = ()

    @property
    def order_id(self) -> str:
        return self.request.order_id

    @property
    def status(self) -> OrderStatus:
        status = getattr(self, "_status", None)
        if status is None:
            status = self._found_status()
            object.__setattr__(self, "_status", status)
        return status

    def _found_status(self) -> OrderStatus:
        ending = self.ending
        if ending is not None:
            # Reported canceled, though all of it had filled: the fills are the stronger evidence.
            if ending is Ending.CANCELED and self.filled_size >= self.size:
                return OrderStatus.FILLED
            return STATUS_OF_ENDING[ending]
        filled_size = self.filled_size
        if filled_size:
            return OrderStatus.FILLED if filled_size >= self.max_possible else OrderStatus.PARTIALLY_FILLED
        if self.acknowledged:
            return OrderStatus.LIVE
        if self.unanswered:
            return OrderStatus.UNKNOWN
        return OrderStatus.SENT if self.sent else OrderStatus.PENDING

    @property
    def fired(self) -> bool:
        """What it waited for at the venue has come: it is an order there, or the venue could make none of it."""
        if self.request.condition is None:
            return False
        return bool(self.venue_order_id or self.filled_size) or self.cancel_source.startswith(TRIGGER_FAILED)

    @property
    def met_own(self) -> bool:
        """The venue ended it because it would have traded with an order of the same account."""
        return self.status is OrderStatus.CANCELED and self.cancel_source.startswith(SELF_TRADE)

    @property
    def waits(self) -> bool:
        """It stands at the venue, or is on its way there, and has not fired."""
        return self.request.condition is not None and not self.terminal and not self.fired

    @property
    def stands_by(self) -> bool:
        """It waits at the venue to take away of what is there: until it fires it takes nothing and holds nothing."""
        return self.protects and self.waits

    @property
    def accounted(self) -> Decimal:
        """What the ledger knows of the cumulative fill: the fills in hand and what filled before it began."""
        return self.filled + self.filled_before if self.filled_before else self.filled

    @property
    def filled_size(self) -> Decimal:
        """Cumulative fill: the larger of what the venue reports and what the ledger knows of it."""
        reported, accounted = self.reported_filled, self.accounted
        return reported if reported >= accounted else accounted

    @property
    def remaining(self) -> Decimal:
        return max(self.size - self.filled_size, ZERO)

    @property
    def average_price(self) -> Decimal | None:
        """Size-weighted price of the fills in hand; None without any."""
        return self.cost / self.filled if self.filled else None

    @property
    def average_fill_price(self) -> Decimal | None:
        """average_price for people."""
        return rounded(self.cost / self.filled, step=self.cost) if self.filled else None

    @property
    def terminal(self) -> bool:
        return self.status in TERMINAL_STATUSES

    @property
    def contradicted(self) -> bool:
        """We hold it for refused or never accepted, and the venue has shown it since and not ended it: it may live."""
        return self.acknowledged and self.ending in NEVER_THERE

    @property
    def cancelable(self) -> bool:
        """It may be alive at the venue, for all that is known."""
        return not self.terminal or self.contradicted

    @property
    def settled(self) -> bool:
        """Terminal, not contradicted by the venue, and all that the venue reported as filled is accounted for."""
        settled = getattr(self, "_settled", None)
        if settled is None:
            settled = self._found_settled()
            object.__setattr__(self, "_settled", settled)
        return settled

    def _found_settled(self) -> bool:
        if not self.terminal or self.accounted < self.reported_filled or self.contradicted:
            return False
        # Filled, by a report that does not say how much: something is missing.
        return self.ending is not Ending.FILLED or bool(self.accounted)

    @property
    def max_possible(self) -> Decimal:
        """The largest size this order may still end up having filled (INVARIANTS S4).

        Ended by the venue: what has filled. Otherwise the largest of all sizes in force or asked for: an amendment on
        its way may still enlarge an order whose present size is filled.
        """
        if self.ending is not None and not self.contradicted:
            return self.filled_size
        size, filled_size = self.size, self.filled_size
        largest = size if size >= filled_size else filled_size
        if not self.amendments:
            return largest
        return max([largest, *(a.size for a in self.amendments if a.size is not None)])

    @property
    def max_remaining(self) -> Decimal:
        """The most that may still come on top of what is accounted for: the exposure still open.

        What the venue reports as filled counts until its fills are here, for only they move the position.
        """
        return max(self.max_possible - self.accounted, ZERO)


__all__ = [
    "ENDING_RANK",
    "FORCED_CATEGORIES",
    "NEVER_THERE",
    "NORMAL",
    "NO_FILLS",
    "SELF_TRADE",
    "TERMINAL_STATUSES",
    "TRIGGER_FAILED",
    "AmendOutcome",
    "Amendment",
    "Ending",
    "Fill",
    "FillKey",
    "Liquidity",
    "Order",
    "OrderReport",
    "OrderRequest",
    "OrderSide",
    "OrderStatus",
    "OrderType",
    "PositionKey",
    "PositionSide",
    "Source",
    "TradeMode",
    "VenueState",
]
