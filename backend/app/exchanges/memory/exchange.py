"""MemoryExchange: the exchange port without a network, for tests and for benchmarks of everything above it.

Answers are immediate; what an answer caused is reported from the next turn of the event loop, in order. How orders
fill is in venue.py.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.clock import Clock
from app.domain.instruments import Instrument
from app.domain.market import BookAction, BookUpdate, PublicTrade, Ticker
from app.domain.money import ONE, ZERO
from app.domain.orders import AmendOutcome, Fill, OrderReport, PositionKey, PositionSide, Source, TradeMode, VenueState
from app.domain.refusals import RefusalClass
from app.exchanges.errors import ExchangeError, ExchangeRefused
from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS
from app.exchanges.memory.venue import HISTORY_LIMIT, UNKNOWN_INSTRUMENT, MemoryVenue, Quote, VenueOrder
from app.exchanges.port import (
    AccountConfig,
    Balance,
    Bill,
    BillKind,
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

LEVERAGE_MAX = 100

Operation = Literal["place", "amend", "cancel"]


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    """What the next send of a kind answers; taken says whether the venue nevertheless did it."""

    kind: OutcomeKind
    taken: bool = False
    code: str = ""
    message: str = ""
    refusal: RefusalClass | None = None


class MemoryExchange:
    """One account at a venue that lives in this object.

    balances: currency -> amount. fee_rate: taker and maker alike unless maker_fee_rate is given, positive is paid.
    history_max: finished orders and fills that the evidence reads still know.
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
        history_max: int = HISTORY_LIMIT,
    ) -> None:
        self._clock = clock
        self._account = account or AccountConfig("memory-1", "memory", False, "2", frozenset({"read_only", "trade"}))
        self.venue = MemoryVenue(
            clock,
            instruments,
            balances if balances is not None else {"USDT": Decimal(1_000_000_000)},
            fee_rate,
            fee_rate if maker_fee_rate is None else maker_fee_rate,
            self._push,
            history_max,
            hedged=self._account.hedged,
        )
        self._listener: Listener | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._followed: set[str] = set()
        self._pushes: list[OrderReport] = []
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
        self.leverages: dict[PositionKey, Decimal] = {}
        """As set_leverage set them, by position; NET where the sides share one."""

    # --- what a test does to the venue ---

    def set_book(self, instrument_id: str, bid: Decimal, ask: Decimal, size: Decimal) -> None:
        """Quote an instrument; resting orders that the new quote crosses fill at their own price."""
        self.venue.set_quote(instrument_id, bid, ask, size)
        if instrument_id in self._followed and self._listener is not None and self.connected:
            self._listener.on_book(self._book(instrument_id))
        self.venue.match_resting(instrument_id)

    def trade(self, trade: PublicTrade) -> None:
        """Publish a public trade to the listener."""
        if trade.instrument_id in self._followed and self._listener is not None and self.connected:
            self._listener.on_trade(trade)

    def answer_next(
        self,
        operation: Operation,
        kind: OutcomeKind,
        *,
        taken: bool = False,
        code: str = "",
        message: str = "",
        refusal: RefusalClass | None = None,
    ) -> None:
        """Script the answer to the next send of that kind; several scripts are used up in order."""
        self._scripts[operation].append(ScriptedAnswer(kind, taken, code, message, refusal))

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
                if instrument_id in self.venue.quotes:
                    self._listener.on_book(self._book(instrument_id))

    def release_pushes(self) -> None:
        self.hold_pushes = False
        if self._pushes:
            self._request_flush()

    def cancel_by_venue(self, venue_order_id: str, cancel_source: str = "0") -> None:
        """The venue itself cancels an open order."""
        self.venue.finish(self.venue.open[venue_order_id], VenueState.CANCELED, cancel_source)

    def pay_funding(self, instrument_id: str, rate: Decimal) -> Bill | None:
        """Settle funding at the middle of the quote: longs pay notional x rate, shorts get it. None without a position.

        Raises ExchangeRefused when the instrument has no quote.
        """
        held = [h for key, h in self.venue.ledger.holdings.items() if key.instrument_id == instrument_id and h.size]
        if not held:
            return None
        quote = self._quote_or_refuse(instrument_id)
        middle, instrument = (quote.bid + quote.ask) / 2, held[0].instrument
        value = instrument.notional(ONE, middle) / (middle if instrument.inverse else ONE)
        amount = -sum((h.size for h in held), ZERO) * value * rate
        return self.move_cash(BillKind.FUNDING, instrument.settle, amount, instrument_id)

    def move_cash(self, kind: BillKind, currency: str, amount: Decimal, instrument_id: str = "") -> Bill:
        """A change of balance that no trade explains (positive is received), with its bill."""
        bill = self.venue.move_cash(kind, currency, amount, instrument_id)
        self._request_flush()
        return bill

    # --- lifecycle ---

    async def start(self, listener: Listener) -> None:
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self.connected = True
        listener.on_stream(Stream.EXECUTION, StreamState.UP, "memory")
        listener.on_stream(Stream.MARKET, StreamState.UP, "memory")
        listener.on_balances(await self.balances())
        if self.venue.ledger.holdings:
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
        if self._listener is not None and instrument_id in self.venue.quotes and self.connected:
            self._listener.on_book(self._book(instrument_id))

    # --- sends ---

    async def submit(self, intent: CommittedIntent) -> Outcome:
        request = intent.take()
        if self.record_sends:
            self.sends.append(("place", request.client_order_id))
        if self._scripts["place"]:
            script = self._scripts["place"].popleft()
            placed = self.venue.place(request) if script.taken or script.kind is OutcomeKind.ACCEPTED else None
            venue_order_id = placed.venue_order_id if placed and script.kind is OutcomeKind.ACCEPTED else ""
            return Outcome(script.kind, venue_order_id, script.code, script.message, script.refusal)
        return self.venue.place(request)

    async def amend(self, intent: CommittedIntent) -> Outcome:
        request = intent.take()
        if self.record_sends:
            self.sends.append(("amend", request.client_order_id))
        if self._scripts["amend"]:
            script = self._scripts["amend"].popleft()
            if script.taken or script.kind is OutcomeKind.ACCEPTED:
                self.venue.amend(intent)
            return Outcome(script.kind, intent.venue_order_id, script.code, script.message, script.refusal)
        return self.venue.amend(intent)

    async def cancel(self, request: CancelRequest) -> Outcome:
        if self.record_sends:
            self.sends.append(("cancel", request.client_order_id))
        if self._scripts["cancel"]:
            script = self._scripts["cancel"].popleft()
            if script.taken or script.kind is OutcomeKind.ACCEPTED:
                self.venue.cancel(request)
            return Outcome(script.kind, request.venue_order_id, script.code, script.message, script.refusal)
        return self.venue.cancel(request)

    # --- pushes ---

    def _report(
        self, order: VenueOrder, source: Source, fill: Fill | None = None, amend_request_id: str = ""
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
            AmendOutcome.DONE if amend_request_id else None,
            order.cancel_source,
            side=request.side,
            order_type=request.order_type,
            position_side=request.position_side,
            trade_mode=request.trade_mode,
        )

    def _push(self, order: VenueOrder, fill: Fill | None, amend_request_id: str) -> None:
        if self._listener is None or not self.connected:
            return
        if self.drop_pushes > 0:
            self.drop_pushes -= 1
            return
        self._pushes.append(self._report(order, Source.STREAM, fill, amend_request_id))
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
        ledger = self.venue.ledger
        if ledger.changed:
            listener.on_balances([ledger.balance(currency, now_ns) for currency in ledger.changed])
            ledger.changed.clear()
        if self.venue.changed_positions:
            listener.on_positions([ledger.position(i, now_ns) for i in self.venue.changed_positions])
            self.venue.changed_positions.clear()

    # --- evidence and reference reads ---

    def _check_reads(self) -> None:
        if self.reads_fail_with is not None:
            raise self.reads_fail_with

    async def instruments(self) -> Sequence[Instrument]:
        self._check_reads()
        return tuple(self.venue.instruments.values())

    async def account_config(self) -> AccountConfig:
        self._check_reads()
        return self._account

    async def balances(self) -> Sequence[Balance]:
        self._check_reads()
        now_ns = self._clock.now_ns()
        return [self.venue.ledger.balance(currency, now_ns) for currency in self.venue.ledger.total]

    async def positions(self) -> Sequence[VenuePosition]:
        self._check_reads()
        now_ns = self._clock.now_ns()
        return [self.venue.ledger.position(i, now_ns) for i, held in self.venue.ledger.holdings.items() if held.size]

    async def order(
        self, instrument_id: str, *, client_order_id: str = "", venue_order_id: str = ""
    ) -> OrderReport | None:
        self._check_reads()
        order = self.venue.find(client_order_id, venue_order_id)
        if order is None or order.request.instrument_id != instrument_id:
            return None
        return self._report(order, Source.POLL)

    async def open_orders(self) -> Sequence[OrderReport]:
        self._check_reads()
        return [self._report(order, Source.SNAPSHOT) for order in self.venue.open.values()]

    async def order_history(self, since_ns: int) -> Sequence[OrderReport]:
        self._check_reads()
        return [self._report(order, Source.SNAPSHOT) for order in self.venue.finished if order.created_ns >= since_ns]

    async def fills(self, since_ns: int, *, instrument_id: str = "", venue_order_id: str = "") -> Sequence[OrderReport]:
        self._check_reads()
        return [
            OrderReport(fill.instrument_id, Source.POLL, venue_order_id=fill.venue_order_id, fill=fill)
            for fill in self.venue.fills
            if fill.time_ns >= since_ns
            and instrument_id in ("", fill.instrument_id)
            and venue_order_id in ("", fill.venue_order_id)
        ]

    async def bills(self, since_ns: int) -> Sequence[Bill]:
        self._check_reads()
        return [bill for bill in self.venue.bills if bill.time_ns >= since_ns]

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
        return FeeRates(self.venue.maker_rate, self.venue.taker_rate)

    async def leverage(self, instrument_id: str, trade_mode: TradeMode) -> Mapping[PositionSide, Decimal]:
        """1 until it is set: the margin of a contract is not modelled."""
        self._check_reads()
        apart = self._account.hedged and trade_mode is TradeMode.ISOLATED
        sides = (PositionSide.LONG, PositionSide.SHORT) if apart else (PositionSide.NET,)
        return {side: self.leverages.get(PositionKey(instrument_id, side, trade_mode), ONE) for side in sides}

    async def set_leverage(
        self, instrument_id: str, leverage: Decimal, trade_mode: TradeMode, position_side: PositionSide
    ) -> Decimal:
        self._check_reads()
        if leverage > LEVERAGE_MAX:
            raise ExchangeRefused("59102", f"leverage {leverage} is above {LEVERAGE_MAX}")
        self.leverages[PositionKey(instrument_id, position_side, trade_mode)] = leverage
        return leverage

    def server_time_ns(self) -> int:
        return self._clock.now_ns()

    def _quote_or_refuse(self, instrument_id: str) -> Quote:
        quote = self.venue.quotes.get(instrument_id)
        if quote is None:
            raise ExchangeRefused(UNKNOWN_INSTRUMENT, f"no book of {instrument_id}; call set_book first")
        return quote

    def _book(self, instrument_id: str) -> BookUpdate:
        quote = self.venue.quotes[instrument_id]
        return BookUpdate(
            instrument_id,
            BookAction.SNAPSHOT,
            ((quote.bid, quote.size),),
            ((quote.ask, quote.size),),
            self._clock.now_ns(),
            quote.sequence,
        )
