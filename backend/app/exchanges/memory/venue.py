"""The truth of MemoryExchange: its quotes, orders and fills, and how they meet.

One quoted level a side, which fills do not use up: an order takes at most the quoted size. Whatever changes an order
is told to `on_change(order, fill, amend request id)`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.clock import Clock
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.money import ONE, ZERO, plain
from app.domain.orders import (
    Fill,
    Liquidity,
    OrderRequest,
    OrderSide,
    OrderType,
    PositionKey,
    PositionSide,
    TradeMode,
    VenueState,
)
from app.domain.refusals import RefusalClass
from app.exchanges.memory.ledger import Ledger
from app.exchanges.port import Bill, BillKind, CancelRequest, CommittedIntent, Outcome, OutcomeKind

HISTORY_LIMIT = 200_000
"""Finished orders and fills remembered; the oldest are forgotten first."""

# The codes that OKX answers with in the same situations.
DUPLICATE_CLIENT_ID = "51016"
INSUFFICIENT_BALANCE = "51008"
UNKNOWN_INSTRUMENT = "51001"
WRONG_SIZE = "51121"
WRONG_PRICE = "51150"
EXPIRED = "50037"
CANCEL_TOO_LATE = "51400"
AMEND_TOO_LATE = "51503"
WOULD_TAKE = "51511"
WRONG_SIDE = "51000"
WRONG_MODE = "51010"
NOTHING_TO_REDUCE = "51169"
MORE_THAN_HELD = "51112"

# OKX cancelSource values.
BY_USER, POST_ONLY_WOULD_TAKE, FOK_UNFILLED, IOC_REST = "1", "31", "13", "14"


@dataclass(slots=True)
class Quote:
    """The touch of one instrument; size is offered on both sides."""

    bid: Decimal
    ask: Decimal
    size: Decimal
    sequence: int = 0


class VenueOrder:
    """The venue's truth of one order."""

    __slots__ = (
        "cancel_source",
        "created_ns",
        "filled",
        "instrument",
        "price",
        "request",
        "reserve_price",
        "reserved",
        "size",
        "state",
        "updated_ns",
        "venue_order_id",
    )

    def __init__(self, request: OrderRequest, instrument: Instrument, venue_order_id: str, now_ns: int) -> None:
        self.request = request
        self.instrument = instrument
        self.venue_order_id = venue_order_id
        self.size = request.size
        self.price = request.price
        self.filled = ZERO
        self.state = VenueState.LIVE
        self.cancel_source = ""
        self.reserved = ZERO
        self.reserve_price = ONE
        self.created_ns = self.updated_ns = now_ns

    @property
    def key(self) -> PositionKey:
        """The position that a contract's order moves."""
        return self.request.key

    @property
    def remaining(self) -> Decimal:
        return self.size - self.filled

    @property
    def reserve_currency(self) -> str:
        instrument = self.instrument
        return instrument.quote if self.request.side is OrderSide.BUY else instrument.base


OnChange = Callable[[VenueOrder, Fill | None, str], None]


class MemoryVenue:
    """Order books of one touch each, the orders of one account, and its money."""

    def __init__(
        self,
        clock: Clock,
        instruments: Iterable[Instrument],
        balances: Mapping[str, Decimal],
        taker_rate: Decimal,
        maker_rate: Decimal,
        on_change: OnChange,
        history_max: int = HISTORY_LIMIT,
        *,
        hedged: bool = False,
    ) -> None:
        self._clock = clock
        self._hedged = hedged
        self._history_max = history_max
        self._on_change = on_change
        self.instruments = {i.instrument_id: i for i in instruments}
        self.ledger = Ledger(balances)
        self.taker_rate = taker_rate
        self.maker_rate = maker_rate
        self.quotes: dict[str, Quote] = {}
        self.open: dict[str, VenueOrder] = {}
        self._resting: dict[str, dict[str, VenueOrder]] = {}
        self._open_by_client_id: dict[str, VenueOrder] = {}
        self.finished: deque[VenueOrder] = deque()
        self._finished_by_client_id: dict[str, VenueOrder] = {}
        self._finished_by_venue_id: dict[str, VenueOrder] = {}
        self.fills: deque[Fill] = deque(maxlen=history_max)
        self.bills: deque[Bill] = deque(maxlen=history_max)
        self.changed_positions: set[PositionKey] = set()
        self._last_bill_id = 0
        self._last_order_id = 1_000_000
        self._last_trade_id = 0

    def set_quote(self, instrument_id: str, bid: Decimal, ask: Decimal, size: Decimal) -> None:
        quote = self.quotes.get(instrument_id)
        self.quotes[instrument_id] = Quote(bid, ask, size, quote.sequence + 1 if quote else 1)

    def move_cash(self, kind: BillKind, currency: str, amount: Decimal, instrument_id: str = "") -> Bill:
        """Change a balance without a trade, and write the bill."""
        self.ledger.add(currency, amount)
        self._last_bill_id += 1
        bill = Bill(str(self._last_bill_id), kind, currency, amount, self._clock.now_ns(), instrument_id)
        self.bills.append(bill)
        return bill

    def match_resting(self, instrument_id: str) -> None:
        """Fill the resting orders that the present quote crosses, each at its own price."""
        for order in list(self._resting.get(instrument_id, {}).values()):
            self._match_resting(order)

    def find(self, client_order_id: str, venue_order_id: str) -> VenueOrder | None:
        """An order, open or finished; the newest of a reused client order id."""
        order = self._find_open(client_order_id, venue_order_id)
        if order is not None:
            return order
        if venue_order_id:
            return self._finished_by_venue_id.get(venue_order_id)
        return self._finished_by_client_id.get(client_order_id)

    def place(self, request: OrderRequest) -> Outcome:
        instrument = self.instruments.get(request.instrument_id)
        if instrument is None or not instrument.live:
            return _rejected(UNKNOWN_INSTRUMENT, f"instrument {request.instrument_id} is not traded")
        now_ns = self._clock.now_ns()
        if request.expires_ns is not None and now_ns > request.expires_ns:
            return _rejected(EXPIRED, "the request reached the venue after its expTime")
        if request.client_order_id in self._open_by_client_id:
            message = f"client order id {request.client_order_id} is already open"
            return Outcome(OutcomeKind.UNKNOWN, code=DUPLICATE_CLIENT_ID, message=message)
        if request.size <= 0 or request.size % instrument.lot:
            return _rejected(
                WRONG_SIZE, f"size {plain(request.size)} is not a positive multiple of {plain(instrument.lot)}"
            )
        if request.price is not None and (request.price <= 0 or request.price % instrument.tick):
            return _rejected(
                WRONG_PRICE, f"price {plain(request.price)} is not a positive multiple of {plain(instrument.tick)}"
            )
        if instrument.kind is InstrumentKind.SWAP and (refusal := self._position_refusal(request)):
            return refusal
        self._last_order_id += 1
        order = VenueOrder(request, instrument, str(self._last_order_id), now_ns)
        if instrument.kind is InstrumentKind.SPOT and not self._reserve(order):
            return _rejected(INSUFFICIENT_BALANCE, f"insufficient {order.reserve_currency}")
        self.open[order.venue_order_id] = order
        self._open_by_client_id[request.client_order_id] = order
        self._match_arriving(order)
        return Outcome(OutcomeKind.ACCEPTED, order.venue_order_id, "0")

    def _position_refusal(self, request: OrderRequest) -> Outcome | None:
        """Why a contract's order cannot move the position that it names."""
        if (request.position_side is PositionSide.NET) is self._hedged:
            return _rejected(WRONG_SIDE, f"posSide {request.position_side} does not fit the position mode")
        if request.trade_mode is TradeMode.CASH:
            return _rejected(WRONG_MODE, "contracts are traded cross or isolated")
        held = self.ledger.held(request.key)
        closes_side = request.position_side is (
            PositionSide.LONG if request.side is OrderSide.SELL else PositionSide.SHORT
        )
        if (request.reduce_only and held * request.side.sign >= 0) or (closes_side and not held):
            return _rejected(NOTHING_TO_REDUCE, "there is no position to reduce")
        if closes_side and request.size > abs(held):
            return _rejected(MORE_THAN_HELD, f"only {abs(held)} can be closed")
        return None

    def _reserve(self, order: VenueOrder) -> bool:
        """Set the reservation to what the order's open part needs; False when the account does not have it."""
        if order.instrument.kind is not InstrumentKind.SPOT:
            return True
        if order.request.side is OrderSide.BUY:
            quote = self.quotes.get(order.instrument.instrument_id)
            order.reserve_price = order.price or (quote.ask if quote else ZERO)
        needed = order.remaining * order.reserve_price
        currency = order.reserve_currency
        change = needed - order.reserved
        if change > 0 and change > self.ledger.available(currency):
            return False
        self.ledger.reserve(currency, change)
        order.reserved = needed
        return True

    def _match_arriving(self, order: VenueOrder) -> None:
        request = order.request
        quote = self.quotes.get(request.instrument_id)
        touch = _touch(quote, request.side)
        crosses = touch is not None and _crosses(request.side, order.price, touch)
        kind = request.order_type
        if kind is OrderType.POST_ONLY and crosses:
            self.finish(order, VenueState.CANCELED, POST_ONLY_WOULD_TAKE)
        elif kind is OrderType.FOK and not (crosses and quote is not None and order.remaining <= quote.size):
            self.finish(order, VenueState.CANCELED, FOK_UNFILLED)
        elif crosses and touch is not None and quote is not None:
            self._fill(order, min(order.remaining, quote.size), touch, Liquidity.TAKER)
            if order.remaining > 0:
                if kind.rests:
                    self._rest(order)
                else:
                    self.finish(order, VenueState.CANCELED, IOC_REST)
        elif kind.rests:
            self._rest(order)
            self._on_change(order, None, "")
        else:
            self.finish(order, VenueState.CANCELED, IOC_REST)

    def _rest(self, order: VenueOrder) -> None:
        self._resting.setdefault(order.instrument.instrument_id, {})[order.venue_order_id] = order

    def _match_resting(self, order: VenueOrder) -> None:
        quote = self.quotes.get(order.instrument.instrument_id)
        touch = _touch(quote, order.request.side)
        if (
            quote is None
            or touch is None
            or order.price is None
            or not _crosses(order.request.side, order.price, touch)
        ):
            return
        self._fill(order, min(order.remaining, quote.size), order.price, Liquidity.MAKER)

    def _fill(self, order: VenueOrder, size: Decimal, price: Decimal, liquidity: Liquidity) -> None:
        request = order.request
        rate = self.taker_rate if liquidity is Liquidity.TAKER else self.maker_rate
        order.filled += size
        if order.instrument.kind is InstrumentKind.SPOT:
            part = size * order.reserve_price
            self.ledger.reserve(order.reserve_currency, -part)
            order.reserved -= part
        else:
            self.changed_positions.add(order.key)
        booked = self.ledger.fill(order.instrument, order.key, request.side, size, price, rate)
        self._last_trade_id += 1
        order.updated_ns = self._clock.now_ns()
        fill = Fill(
            request.instrument_id,
            str(self._last_trade_id),
            order.venue_order_id,
            request.side,
            price,
            size,
            order.updated_ns,
            booked.fee,
            booked.fee_currency,
            liquidity,
            request.position_side,
            pnl=booked.pnl,
        )
        self.fills.append(fill)
        if order.remaining <= 0:
            self._retire(order, VenueState.FILLED)
        else:
            order.state = VenueState.PARTIALLY_FILLED
        self._on_change(order, fill, "")

    def amend(self, intent: CommittedIntent) -> Outcome:
        amendment = intent.amendment
        assert amendment is not None, "amend needs an amendment"
        order = self._find_open(intent.request.client_order_id, intent.venue_order_id)
        if order is None:
            return _rejected(AMEND_TOO_LATE, "order is filled, canceled or does not exist")
        now_ns = self._clock.now_ns()
        if amendment.expires_ns is not None and now_ns > amendment.expires_ns:
            return _rejected(EXPIRED, "the request reached the venue after its expTime")
        price = order.price if amendment.price is None else amendment.price
        touch = _touch(self.quotes.get(order.instrument.instrument_id), order.request.side)
        post_only = order.request.order_type is OrderType.POST_ONLY
        if post_only and touch is not None and _crosses(order.request.side, price, touch):
            return _rejected(WOULD_TAKE, "the new price would take")
        before = (order.size, order.price)
        order.size = order.size if amendment.size is None else max(amendment.size, order.filled)
        order.price = price
        if order.remaining > 0 and not self._reserve(order):
            order.size, order.price = before
            return _rejected(INSUFFICIENT_BALANCE, f"insufficient {order.reserve_currency}")
        order.updated_ns = now_ns
        if order.remaining <= 0:
            self._retire(order, VenueState.FILLED)
        self._on_change(order, None, amendment.request_id)
        if order.remaining > 0 and touch is not None and _crosses(order.request.side, price, touch):
            quote = self.quotes[order.instrument.instrument_id]
            self._fill(order, min(order.remaining, quote.size), touch, Liquidity.TAKER)
        return Outcome(OutcomeKind.ACCEPTED, order.venue_order_id, "0")

    def cancel(self, request: CancelRequest) -> Outcome:
        order = self._find_open(request.client_order_id, request.venue_order_id)
        if order is None:
            return _rejected(CANCEL_TOO_LATE, "order is filled, canceled or does not exist")
        self.finish(order, VenueState.CANCELED, BY_USER)
        return Outcome(OutcomeKind.ACCEPTED, order.venue_order_id, "0")

    def _find_open(self, client_order_id: str, venue_order_id: str) -> VenueOrder | None:
        return self.open.get(venue_order_id) if venue_order_id else self._open_by_client_id.get(client_order_id)

    def finish(self, order: VenueOrder, state: VenueState, cancel_source: str) -> None:
        order.cancel_source = cancel_source
        order.updated_ns = self._clock.now_ns()
        self._retire(order, state)
        self._on_change(order, None, "")

    def _retire(self, order: VenueOrder, state: VenueState) -> None:
        order.state = state
        if order.reserved:
            self.ledger.reserve(order.reserve_currency, -order.reserved)
            order.reserved = ZERO
        venue_order_id, client_order_id = order.venue_order_id, order.request.client_order_id
        self.open.pop(venue_order_id, None)
        self._open_by_client_id.pop(client_order_id, None)
        resting = self._resting.get(order.instrument.instrument_id)
        if resting is not None:
            resting.pop(venue_order_id, None)
        if len(self.finished) >= self._history_max:
            oldest = self.finished.popleft()
            self._finished_by_venue_id.pop(oldest.venue_order_id, None)
            if self._finished_by_client_id.get(oldest.request.client_order_id) is oldest:
                del self._finished_by_client_id[oldest.request.client_order_id]
        self.finished.append(order)
        self._finished_by_venue_id[venue_order_id] = order
        self._finished_by_client_id[client_order_id] = order


_CLASSES = {
    EXPIRED: RefusalClass.PASSING,
    WOULD_TAKE: RefusalClass.PASSING,
    WRONG_SIZE: RefusalClass.WRONG,
    WRONG_PRICE: RefusalClass.WRONG,
    CANCEL_TOO_LATE: RefusalClass.WRONG,
    AMEND_TOO_LATE: RefusalClass.WRONG,
    UNKNOWN_INSTRUMENT: RefusalClass.STANDING,
    INSUFFICIENT_BALANCE: RefusalClass.STANDING,
    WRONG_SIDE: RefusalClass.WRONG,
    WRONG_MODE: RefusalClass.STANDING,
    NOTHING_TO_REDUCE: RefusalClass.STANDING,
    MORE_THAN_HELD: RefusalClass.STANDING,
}


def _rejected(code: str, message: str) -> Outcome:
    return Outcome(OutcomeKind.REJECTED, code=code, message=message, refusal=_CLASSES[code])


def _touch(quote: Quote | None, side: OrderSide) -> Decimal | None:
    if quote is None:
        return None
    return quote.ask if side is OrderSide.BUY else quote.bid


def _crosses(side: OrderSide, price: Decimal | None, touch: Decimal) -> bool:
    """Whether an order at price (None: any) would trade at the opposite touch."""
    if price is None:
        return True
    return price >= touch if side is OrderSide.BUY else price <= touch
