"""MemoryExchange: the exchange port without a network, for tests and for benchmarks of everything above it.

Answers are immediate; what an answer caused is reported from the next turn of the event loop, in order. Each
instrument has one quoted level a side, which fills do not use up: an order takes at most the quoted size.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.clock import Clock
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.market import BookAction, BookUpdate, PublicTrade, Ticker
from app.domain.money import ONE, ZERO
from app.domain.orders import (
    AmendOutcome,
    Fill,
    Liquidity,
    OrderReport,
    OrderRequest,
    OrderSide,
    OrderType,
    Source,
    VenueState,
)
from app.exchanges.errors import ExchangeError, ExchangeRefused
from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS
from app.exchanges.memory.ledger import Ledger
from app.exchanges.port import (
    AccountConfig,
    Balance,
    CancelRequest,
    CommittedIntent,
    FeeRates,
    Listener,
    Outcome,
    OutcomeKind,
    Stream,
    StreamState,
    VenuePosition,
)

HISTORY_LIMIT = 200_000
"""Finished orders and fills remembered; the oldest are forgotten first."""

Operation = Literal["place", "amend", "cancel"]

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

# OKX cancelSource values.
BY_USER, POST_ONLY_WOULD_TAKE, FOK_UNFILLED, IOC_REST = "1", "31", "13", "14"


@dataclass(slots=True)
class Quote:
    """The touch of one instrument; size is offered on both sides."""

    bid: Decimal
    ask: Decimal
    size: Decimal
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    """What the next send of a kind answers; taken says whether the venue nevertheless did it."""

    kind: OutcomeKind
    taken: bool = False
    code: str = ""
    message: str = ""


class _VenueOrder:
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
    def remaining(self) -> Decimal:
        return self.size - self.filled

    @property
    def reserve_currency(self) -> str:
        instrument = self.instrument
        return instrument.quote if self.request.side is OrderSide.BUY else instrument.base


class MemoryExchange:
    """One account at a venue that lives in this object.

    balances: currency -> amount. fee_rate: taker and maker alike unless maker_fee_rate is given, positive is paid.
    """

    name = "memory"

    def __init__(
        self,
        clock: Clock,
        instruments: Sequence[Instrument] = DEFAULT_INSTRUMENTS,
        balances: Mapping[str, Decimal] | None = None,
        fee_rate: Decimal = Decimal("0.001"),
        maker_fee_rate: Decimal | None = None,
        account: AccountConfig | None = None,
    ) -> None:
        self._clock = clock
        self._instruments = {i.instrument_id: i for i in instruments}
        self.ledger = Ledger(balances if balances is not None else {"USDT": Decimal(1_000_000_000)})
        self._taker_rate = fee_rate
        self._maker_rate = fee_rate if maker_fee_rate is None else maker_fee_rate
        self._account = account or AccountConfig("memory-1", "memory", False, "2", frozenset({"read_only", "trade"}))
        self._quotes: dict[str, Quote] = {}
        self._open: dict[str, _VenueOrder] = {}
        self._resting: dict[str, dict[str, _VenueOrder]] = {}
        self._open_by_client_id: dict[str, _VenueOrder] = {}
        self._finished: deque[_VenueOrder] = deque()
        self._finished_by_client_id: dict[str, _VenueOrder] = {}
        self._finished_by_venue_id: dict[str, _VenueOrder] = {}
        self._fills: deque[Fill] = deque(maxlen=HISTORY_LIMIT)
        self._client_id_of: dict[str, str] = {}
        self._last_order_id = 1_000_000
        self._last_trade_id = 0
        self._listener: Listener | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._followed: set[str] = set()
        self._pushes: list[OrderReport] = []
        self._changed_positions: set[str] = set()
        self._flush_due = False
        self._scripts: dict[Operation, deque[ScriptedAnswer]] = {"place": deque(), "amend": deque(), "cancel": deque()}
        self.drop_pushes = 0
        """How many of the next order reports are lost."""
        self.hold_pushes = False
        """While set, order reports wait until release_pushes()."""
        self.connected = True
        """While false, every push is lost (see break_streams)."""
        self.reads_fail_with: ExchangeError | None = None
        """While set, every evidence read raises it."""
        self.sends: list[tuple[Operation, str]] = []
        """Every place, amend and cancel that reached the venue, with its client order id, when record_sends is set."""
        self.record_sends = False

    # --- what a test does to the venue ---

    def set_book(self, instrument_id: str, bid: Decimal, ask: Decimal, size: Decimal) -> None:
        """Quote an instrument; resting orders that the new quote crosses fill at their own price."""
        quote = self._quotes.get(instrument_id)
        sequence = quote.sequence + 1 if quote else 1
        self._quotes[instrument_id] = Quote(bid, ask, size, sequence)
        if instrument_id in self._followed and self._listener is not None and self.connected:
            self._listener.on_book(self._book(instrument_id))
        for order in list(self._resting.get(instrument_id, {}).values()):
            self._match_resting(order)

    def trade(self, trade: PublicTrade) -> None:
        """Publish a public trade to the listener."""
        if trade.instrument_id in self._followed and self._listener is not None and self.connected:
            self._listener.on_trade(trade)

    def answer_next(
        self, operation: Operation, kind: OutcomeKind, *, taken: bool = False, code: str = "", message: str = ""
    ) -> None:
        """Script the answer to the next send of that kind; several scripts are used up in order."""
        self._scripts[operation].append(ScriptedAnswer(kind, taken, code, message))

    def break_streams(self, reason: str = "broken by test") -> None:
        self.connected = False
        if self._listener is not None:
            self._listener.on_stream(Stream.EXECUTION, StreamState.DOWN, reason)
            self._listener.on_stream(Stream.MARKET, StreamState.DOWN, reason)

    def restore_streams(self, reason: str = "restored by test") -> None:
        self.connected = True
        if self._listener is not None:
            self._listener.on_stream(Stream.EXECUTION, StreamState.UP, reason)
            self._listener.on_stream(Stream.MARKET, StreamState.UP, reason)
            for instrument_id in self._followed:
                if instrument_id in self._quotes:
                    self._listener.on_book(self._book(instrument_id))

    def release_pushes(self) -> None:
        self.hold_pushes = False
        if self._pushes:
            self._request_flush()

    def cancel_by_venue(self, venue_order_id: str, cancel_source: str = "0") -> None:
        """The venue itself cancels an open order."""
        self._finish(self._open[venue_order_id], VenueState.CANCELED, cancel_source)

    # --- lifecycle ---

    async def start(self, listener: Listener) -> None:
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self.connected = True
        listener.on_stream(Stream.EXECUTION, StreamState.UP, "memory")
        listener.on_stream(Stream.MARKET, StreamState.UP, "memory")
        listener.on_balances(await self.balances())
        if self.ledger.holdings:
            listener.on_positions(await self.positions())

    async def stop(self) -> None:
        self._flush()
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.on_stream(Stream.EXECUTION, StreamState.DOWN, "stopped")
            listener.on_stream(Stream.MARKET, StreamState.DOWN, "stopped")

    async def follow(self, instrument_id: str) -> None:
        if instrument_id in self._followed:
            return
        self._followed.add(instrument_id)
        if self._listener is not None and instrument_id in self._quotes and self.connected:
            self._listener.on_book(self._book(instrument_id))

    # --- sends ---

    async def submit(self, intent: CommittedIntent) -> Outcome:
        request = intent.take()
        if self.record_sends:
            self.sends.append(("place", request.client_order_id))
        if self._scripts["place"]:
            script = self._scripts["place"].popleft()
            placed = self._place(request) if script.taken or script.kind is OutcomeKind.ACCEPTED else None
            venue_order_id = placed.venue_order_id if placed and script.kind is OutcomeKind.ACCEPTED else ""
            return Outcome(script.kind, venue_order_id, script.code, script.message)
        return self._place(request)

    async def amend(self, intent: CommittedIntent) -> Outcome:
        request = intent.take()
        if self.record_sends:
            self.sends.append(("amend", request.client_order_id))
        if self._scripts["amend"]:
            script = self._scripts["amend"].popleft()
            if script.taken or script.kind is OutcomeKind.ACCEPTED:
                self._amend(intent)
            return Outcome(script.kind, intent.venue_order_id, script.code, script.message)
        return self._amend(intent)

    async def cancel(self, request: CancelRequest) -> Outcome:
        if self.record_sends:
            self.sends.append(("cancel", request.client_order_id))
        if self._scripts["cancel"]:
            script = self._scripts["cancel"].popleft()
            if script.taken or script.kind is OutcomeKind.ACCEPTED:
                self._cancel(request)
            return Outcome(script.kind, request.venue_order_id, script.code, script.message)
        return self._cancel(request)

    def _place(self, request: OrderRequest) -> Outcome:
        instrument = self._instruments.get(request.instrument_id)
        if instrument is None or not instrument.live:
            return _rejected(UNKNOWN_INSTRUMENT, f"instrument {request.instrument_id} is not traded")
        now_ns = self._clock.now_ns()
        if request.expires_ns is not None and now_ns > request.expires_ns:
            return _rejected(EXPIRED, "the request reached the venue after its expTime")
        if request.client_order_id in self._open_by_client_id:
            message = f"client order id {request.client_order_id} is already open"
            return Outcome(OutcomeKind.UNKNOWN, code=DUPLICATE_CLIENT_ID, message=message)
        if request.size <= 0 or request.size % instrument.lot:
            return _rejected(WRONG_SIZE, f"size {request.size} is not a positive multiple of {instrument.lot}")
        if request.price is not None and (request.price <= 0 or request.price % instrument.tick):
            return _rejected(WRONG_PRICE, f"price {request.price} is not a positive multiple of {instrument.tick}")
        self._last_order_id += 1
        order = _VenueOrder(request, instrument, str(self._last_order_id), now_ns)
        if instrument.kind is InstrumentKind.SPOT and not self._reserve(order):
            return _rejected(INSUFFICIENT_BALANCE, f"insufficient {order.reserve_currency}")
        self._open[order.venue_order_id] = order
        self._open_by_client_id[request.client_order_id] = order
        self._match_arriving(order)
        return Outcome(OutcomeKind.ACCEPTED, order.venue_order_id, "0")

    def _reserve(self, order: _VenueOrder) -> bool:
        """Set the reservation to what the order's open part needs; False when the account does not have it."""
        if order.instrument.kind is not InstrumentKind.SPOT:
            return True
        if order.request.side is OrderSide.BUY:
            quote = self._quotes.get(order.instrument.instrument_id)
            order.reserve_price = order.price or (quote.ask if quote else ZERO)
        needed = order.remaining * order.reserve_price
        currency = order.reserve_currency
        change = needed - order.reserved
        if change > 0 and change > self.ledger.available(currency):
            return False
        self.ledger.reserve(currency, change)
        order.reserved = needed
        return True

    def _match_arriving(self, order: _VenueOrder) -> None:
        request = order.request
        quote = self._quotes.get(request.instrument_id)
        touch = _touch(quote, request.side)
        crosses = touch is not None and _crosses(request.side, order.price, touch)
        kind = request.order_type
        if kind is OrderType.POST_ONLY and crosses:
            self._finish(order, VenueState.CANCELED, POST_ONLY_WOULD_TAKE)
        elif kind is OrderType.FOK and not (crosses and quote is not None and order.remaining <= quote.size):
            self._finish(order, VenueState.CANCELED, FOK_UNFILLED)
        elif crosses and touch is not None and quote is not None:
            self._fill(order, min(order.remaining, quote.size), touch, Liquidity.TAKER)
            if order.remaining > 0:
                if kind.rests:
                    self._rest(order)
                else:
                    self._finish(order, VenueState.CANCELED, IOC_REST)
        elif kind.rests:
            self._rest(order)
            self._push(order)
        else:
            self._finish(order, VenueState.CANCELED, IOC_REST)

    def _rest(self, order: _VenueOrder) -> None:
        self._resting.setdefault(order.instrument.instrument_id, {})[order.venue_order_id] = order

    def _match_resting(self, order: _VenueOrder) -> None:
        quote = self._quotes.get(order.instrument.instrument_id)
        touch = _touch(quote, order.request.side)
        if (
            quote is None
            or touch is None
            or order.price is None
            or not _crosses(order.request.side, order.price, touch)
        ):
            return
        self._fill(order, min(order.remaining, quote.size), order.price, Liquidity.MAKER)

    def _fill(self, order: _VenueOrder, size: Decimal, price: Decimal, liquidity: Liquidity) -> None:
        request = order.request
        rate = self._taker_rate if liquidity is Liquidity.TAKER else self._maker_rate
        order.filled += size
        if order.instrument.kind is InstrumentKind.SPOT:
            part = size * order.reserve_price
            self.ledger.reserve(order.reserve_currency, -part)
            order.reserved -= part
        else:
            self._changed_positions.add(request.instrument_id)
        fee, fee_currency = self.ledger.fill(order.instrument, request.side, size, price, rate)
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
            fee,
            fee_currency,
            liquidity,
            request.position_side,
        )
        self._fills.append(fill)
        if order.remaining <= 0:
            self._retire(order, VenueState.FILLED)
        else:
            order.state = VenueState.PARTIALLY_FILLED
        self._push(order, fill=fill)

    def _amend(self, intent: CommittedIntent) -> Outcome:
        amendment = intent.amendment
        assert amendment is not None, "amend needs an amendment"
        order = self._find_open(intent.request.client_order_id, intent.venue_order_id)
        if order is None:
            return _rejected(AMEND_TOO_LATE, "order is filled, canceled or does not exist")
        now_ns = self._clock.now_ns()
        if amendment.expires_ns is not None and now_ns > amendment.expires_ns:
            return _rejected(EXPIRED, "the request reached the venue after its expTime")
        price = order.price if amendment.price is None else amendment.price
        touch = _touch(self._quotes.get(order.instrument.instrument_id), order.request.side)
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
        self._push(order, amend_request_id=amendment.request_id, amend_outcome=AmendOutcome.DONE)
        if order.remaining > 0 and touch is not None and _crosses(order.request.side, price, touch):
            quote = self._quotes[order.instrument.instrument_id]
            self._fill(order, min(order.remaining, quote.size), touch, Liquidity.TAKER)
        return Outcome(OutcomeKind.ACCEPTED, order.venue_order_id, "0")

    def _cancel(self, request: CancelRequest) -> Outcome:
        order = self._find_open(request.client_order_id, request.venue_order_id)
        if order is None:
            return _rejected(CANCEL_TOO_LATE, "order is filled, canceled or does not exist")
        self._finish(order, VenueState.CANCELED, BY_USER)
        return Outcome(OutcomeKind.ACCEPTED, order.venue_order_id, "0")

    def _find_open(self, client_order_id: str, venue_order_id: str) -> _VenueOrder | None:
        return self._open.get(venue_order_id) if venue_order_id else self._open_by_client_id.get(client_order_id)

    def _finish(self, order: _VenueOrder, state: VenueState, cancel_source: str) -> None:
        order.cancel_source = cancel_source
        order.updated_ns = self._clock.now_ns()
        self._retire(order, state)
        self._push(order)

    def _retire(self, order: _VenueOrder, state: VenueState) -> None:
        order.state = state
        if order.reserved:
            self.ledger.reserve(order.reserve_currency, -order.reserved)
            order.reserved = ZERO
        venue_order_id, client_order_id = order.venue_order_id, order.request.client_order_id
        self._open.pop(venue_order_id, None)
        self._open_by_client_id.pop(client_order_id, None)
        resting = self._resting.get(order.instrument.instrument_id)
        if resting is not None:
            resting.pop(venue_order_id, None)
        if len(self._finished) >= HISTORY_LIMIT:
            oldest = self._finished.popleft()
            self._finished_by_venue_id.pop(oldest.venue_order_id, None)
            if self._finished_by_client_id.get(oldest.request.client_order_id) is oldest:
                del self._finished_by_client_id[oldest.request.client_order_id]
        self._finished.append(order)
        self._finished_by_venue_id[venue_order_id] = order
        self._finished_by_client_id[client_order_id] = order

    # --- pushes ---

    def _report(
        self,
        order: _VenueOrder,
        source: Source,
        fill: Fill | None = None,
        amend_request_id: str = "",
        amend_outcome: AmendOutcome | None = None,
    ) -> OrderReport:
        request = order.request
        return OrderReport(
            request.instrument_id,
            source,
            request.client_order_id,
            order.venue_order_id,
            order.state,
            order.filled,
            order.size,
            order.price,
            fill,
            order.updated_ns,
            amend_request_id,
            amend_outcome,
            order.cancel_source,
            side=request.side,
            order_type=request.order_type,
        )

    def _push(
        self,
        order: _VenueOrder,
        *,
        fill: Fill | None = None,
        amend_request_id: str = "",
        amend_outcome: AmendOutcome | None = None,
    ) -> None:
        if self._listener is None or not self.connected:
            return
        if self.drop_pushes > 0:
            self.drop_pushes -= 1
            return
        self._pushes.append(self._report(order, Source.STREAM, fill, amend_request_id, amend_outcome))
        if not self.hold_pushes:
            self._request_flush()

    def _request_flush(self) -> None:
        if not self._flush_due and self._loop is not None:
            self._flush_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        listener = self._listener
        if listener is None or self.hold_pushes:
            return
        pushes, self._pushes = self._pushes, []
        for report in pushes:
            listener.on_order(report)
        now_ns = self._clock.now_ns()
        if self.ledger.changed:
            listener.on_balances([self.ledger.balance(currency, now_ns) for currency in self.ledger.changed])
            self.ledger.changed.clear()
        if self._changed_positions:
            listener.on_positions([self.ledger.position(i, now_ns) for i in self._changed_positions])
            self._changed_positions.clear()

    # --- evidence and reference reads ---

    def _check_reads(self) -> None:
        if self.reads_fail_with is not None:
            raise self.reads_fail_with

    async def instruments(self) -> Sequence[Instrument]:
        self._check_reads()
        return tuple(self._instruments.values())

    async def account_config(self) -> AccountConfig:
        self._check_reads()
        return self._account

    async def balances(self) -> Sequence[Balance]:
        self._check_reads()
        now_ns = self._clock.now_ns()
        return [self.ledger.balance(currency, now_ns) for currency in self.ledger.total]

    async def positions(self) -> Sequence[VenuePosition]:
        self._check_reads()
        now_ns = self._clock.now_ns()
        return [self.ledger.position(i, now_ns) for i, held in self.ledger.holdings.items() if held.size]

    async def order(
        self, instrument_id: str, *, client_order_id: str = "", venue_order_id: str = ""
    ) -> OrderReport | None:
        self._check_reads()
        order = self._find_open(client_order_id, venue_order_id)
        if order is None and venue_order_id:
            order = self._finished_by_venue_id.get(venue_order_id)
        elif order is None:
            order = self._finished_by_client_id.get(client_order_id)
        if order is None or order.request.instrument_id != instrument_id:
            return None
        return self._report(order, Source.POLL)

    async def open_orders(self) -> Sequence[OrderReport]:
        self._check_reads()
        return [self._report(order, Source.SNAPSHOT) for order in self._open.values()]

    async def order_history(self, since_ns: int) -> Sequence[OrderReport]:
        self._check_reads()
        return [self._report(order, Source.SNAPSHOT) for order in self._finished if order.created_ns >= since_ns]

    async def fills(self, since_ns: int, *, instrument_id: str = "", venue_order_id: str = "") -> Sequence[OrderReport]:
        self._check_reads()
        return [
            OrderReport(fill.instrument_id, Source.POLL, venue_order_id=fill.venue_order_id, fill=fill)
            for fill in self._fills
            if fill.time_ns >= since_ns
            and instrument_id in ("", fill.instrument_id)
            and venue_order_id in ("", fill.venue_order_id)
        ]

    async def ticker(self, instrument_id: str) -> Ticker:
        self._check_reads()
        quote = self._quote_or_refuse(instrument_id)
        middle = (quote.bid + quote.ask) / 2
        return Ticker(instrument_id, middle, quote.bid, quote.ask, self._clock.now_ns())

    async def book(self, instrument_id: str) -> BookUpdate:
        self._check_reads()
        self._quote_or_refuse(instrument_id)
        return self._book(instrument_id)

    async def fee_rates(self, instrument_id: str) -> FeeRates:
        self._check_reads()
        return FeeRates(self._maker_rate, self._taker_rate)

    def server_time_ns(self) -> int:
        return self._clock.now_ns()

    def _quote_or_refuse(self, instrument_id: str) -> Quote:
        quote = self._quotes.get(instrument_id)
        if quote is None:
            raise ExchangeRefused(UNKNOWN_INSTRUMENT, f"no book of {instrument_id}; call set_book first")
        return quote

    def _book(self, instrument_id: str) -> BookUpdate:
        quote = self._quotes[instrument_id]
        return BookUpdate(
            instrument_id,
            BookAction.SNAPSHOT,
            ((quote.bid, quote.size),),
            ((quote.ask, quote.size),),
            self._clock.now_ns(),
            quote.sequence,
        )


def _rejected(code: str, message: str) -> Outcome:
    return Outcome(OutcomeKind.REJECTED, code=code, message=message)


def _touch(quote: Quote | None, side: OrderSide) -> Decimal | None:
    if quote is None:
        return None
    return quote.ask if side is OrderSide.BUY else quote.bid


def _crosses(side: OrderSide, price: Decimal | None, touch: Decimal) -> bool:
    """Whether an order at price (None: any) would trade at the opposite touch."""
    if price is None:
        return True
    return price >= touch if side is OrderSide.BUY else price <= touch
