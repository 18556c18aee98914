"""An account, a market and the risk control over them, all in memory: what a risk test stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from app.clock import utc
from app.domain.holding_entries import post
from app.domain.holdings import OWN, Entry, EntryKind
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.kill_switch import KillSwitch
from app.domain.market import BookAction, BookUpdate, PublicTrade
from app.domain.order_changes import apply_report, mark_sent, mark_unanswered, new_order
from app.domain.orders import (
    Fill,
    Order,
    OrderReport,
    OrderRequest,
    OrderSide,
    OrderType,
    PositionKey,
    PositionSide,
    Source,
    TradeMode,
    VenueState,
)
from app.domain.positions import Position, PositionFold
from app.market_data.feeds import MarketData
from app.services.trading.account.catalogue import Catalogue
from app.services.trading.account.day_figures import EquityOfDay
from app.services.trading.account.ledger import Ledger
from app.services.trading.execution_risk import Decision, ExecutionRiskControl
from app.services.trading.holdings.prices import Prices
from app.services.trading.schemas import OrderParams
from app.store.group import Group

D = Decimal
SECOND = 1_000_000_000
NOON = 1_790_942_400 * SECOND  # 2026-10-02T12:00:00Z

BTC = Instrument("BTC-USDT", InstrumentKind.SPOT, "BTC", "USDT", "USDT", D("0.1"), D("0.00000001"), D("0.00001"))
ETH = Instrument("ETH-USDT", InstrumentKind.SPOT, "ETH", "USDT", "USDT", D("0.01"), D("0.000001"), D("0.0001"))
ETHBTC = Instrument("ETH-BTC", InstrumentKind.SPOT, "ETH", "BTC", "BTC", D("0.00001"), D("0.000001"), D("0.0001"))
LINEAR = Instrument(
    "BTC-USDT-SWAP", InstrumentKind.SWAP, "BTC", "USDT", "USDT", D("0.1"), D("0.01"), D("0.01"), D("0.01")
)
INVERSE = Instrument(
    "BTC-USD-SWAP", InstrumentKind.SWAP, "BTC", "USD", "BTC", D("0.1"), D(1), D(1), D(100), inverse=True
)


class HandClock:
    """Time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.ns = NOON
        self.random = Random(1)

    def now_ns(self) -> int:
        return self.ns

    def monotonic_ns(self) -> int:
        return self.ns

    async def sleep(self, seconds: float) -> None:
        self.ns += int(seconds * SECOND)

    def token(self, size: int) -> bytes:
        return self.random.randbytes(size)


class NoDisk:
    """A writer whose groups are durable at once and gone."""

    failed = None

    def __init__(self) -> None:
        self.filling = Group()

    def flush(self) -> object:
        self.filling = Group()
        return None

    def hurry(self) -> None:
        """There is nothing to wait for."""


class World:
    """100,000 USDT and 1 BTC, equity 150,000 at the day's start, BTC at 49,995 / 50,005."""

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        self.clock = HandClock()
        listed = (BTC, ETH, ETHBTC, LINEAR, INVERSE)
        catalogue = Catalogue(self.clock, {item.instrument_id: item for item in listed})
        self.market = MarketData(self.clock)
        prices = Prices(catalogue, self.market)
        self.ledger = Ledger("a", self.clock, catalogue, prices)
        self.ledger.writer = NoDisk()  # type: ignore[assignment]
        self.ledger.balances = {"USDT": D(100_000), "BTC": D(1)}
        self.ledger.equity_of_day = EquityOfDay(utc(self.clock.ns).date().isoformat(), D(150_000))
        self.quote(BTC, "50000")
        self.quote(LINEAR, "50000")
        self.quote(INVERSE, "50000")
        self.risk = ExecutionRiskControl(self.ledger, self.market, config, prices=prices)
        self.drawn = 0

    def quote(self, instrument: Instrument, mid: str, spread: str = "10", depth: str = "50") -> None:
        """A book of ten levels a side, `depth` units each, a tenth of the spread apart."""
        half, step = D(spread) / 2, D(spread) / 10
        asks = tuple((D(mid) + half + n * step, D(depth)) for n in range(10))
        bids = tuple((D(mid) - half - n * step, D(depth)) for n in range(10))
        update = BookUpdate(instrument.instrument_id, BookAction.SNAPSHOT, bids, asks, self.clock.ns, 1)
        self.market.on_book(update)

    def last_trade(self, instrument: Instrument, price: str) -> None:
        self.drawn += 1
        trade = PublicTrade(instrument.instrument_id, f"p{self.drawn}", D(price), D(1), True, self.clock.ns)
        self.market.on_trade(trade)

    def approve(self, instrument: Instrument = BTC, **changes: Any) -> Decision:
        return self.risk.approve(params(instrument, **changes))

    def hold(self, instrument: Instrument, size: str, price: str = "50000", side: str = "net", mode: str = "") -> None:
        """A position, as if filled before; the balances stay as they are."""
        if instrument.kind is InstrumentKind.SPOT:
            bought = Entry(instrument.base, OWN, OWN, EntryKind.TRADE, D(size), D(size) * D(price), D(0), 1)
            post(self.ledger.assets.held, (bought,))
        cost = D(size) * instrument.contract_value * (1 / D(price) if instrument.inverse else D(price))
        spot = instrument.kind is InstrumentKind.SPOT
        key = PositionKey(
            instrument.instrument_id, PositionSide(side), TradeMode(mode or ("cash" if spot else "cross"))
        )
        held = Position(key.instrument_id, key.side, D(size), cost, mode=key.mode)
        self.ledger.folds[key] = PositionFold(held, held)

    def place(self, decision: Decision, *, unknown: bool = False) -> Order:
        """The approved order as the executor would record it: reserved, and on its way."""
        candidate = decision.candidate
        assert decision.result, decision.result.reasons
        assert candidate is not None
        self.drawn += 1
        request = OrderRequest(
            order_id=f"o{self.drawn}",
            account="a",
            client_order_id=f"c{self.drawn}",
            instrument_id=candidate.instrument.instrument_id,
            side=candidate.side,
            order_type=candidate.order_type,
            size=candidate.size,
            size_unit=candidate.instrument.size_unit,
            price=candidate.price,
            trade_mode=candidate.trade_mode,
            created_ns=self.clock.ns,
            position_side=candidate.position_side,
            reduce_only=candidate.reduce_only,
            reference_price=decision.reference_price,
        )
        order = mark_sent(new_order(request))
        order = mark_unanswered(order, None, self.clock.ns) if unknown else order
        turn = self.ledger.turn("test")
        turn.create(order, "hash", None)
        turn.commit()
        return order

    def put(self, order: Order) -> None:
        turn = self.ledger.turn("test")
        turn.put(order)
        turn.commit()

    def report(self, order: Order, said: OrderReport) -> Order:
        """A report through a turn that books its fill, as the tracker's door does."""
        order = self.ledger.orders[order.order_id]
        turn = self.ledger.turn("test")
        applied = apply_report(order, said, self.clock.ns)
        for fill in applied.new_fills:
            turn.bookings.fill(order, fill)
        turn.put(applied.order)
        turn.commit()
        return applied.order

    def fill(self, order: Order, size: Decimal, price: Decimal, fee_rate: str = "0.001") -> Order:
        """The venue executes a part."""
        self.drawn += 1
        instrument = self.ledger.instruments[order.request.instrument_id]
        request = order.request
        notional = instrument.notional(size, price)
        fee = (notional / price if instrument.inverse else notional) * D(fee_rate)
        executed = Fill(
            instrument.instrument_id, f"t{self.drawn}", "v" + order.order_id, request.side, price, size,
            self.clock.ns + self.drawn, fee, instrument.settle, position_side=request.position_side,
        )  # fmt: skip
        order = self.ledger.orders[order.order_id]
        state = VenueState.FILLED if order.filled + size >= order.size else VenueState.PARTIALLY_FILLED
        return self.report(order, replace(self.said(order, state), filled=order.filled + size, fill=executed))

    def said(self, order: Order, state: VenueState, **more: Any) -> OrderReport:
        request = order.request
        return OrderReport(
            request.instrument_id, Source.STREAM, request.client_order_id, "v" + order.order_id, state, **more
        )

    def kill(self, reason: str = "because") -> None:
        self.ledger.kill_switch = KillSwitch(True, reason, "operator:x", self.clock.ns)


def params(instrument: Instrument = BTC, **changes: Any) -> OrderParams:
    """A limit buy of 0.01 BTC at the mid, whatever the instrument; text in, exact numbers out."""
    swap = instrument.kind is InstrumentKind.SWAP
    usual: dict[str, Any] = {
        "instrument_id": instrument.instrument_id,
        "side": OrderSide.BUY,
        "order_type": OrderType.MARKET if changes.get("price", "") is None else OrderType.LIMIT,
        "size": {"BTC-USDT": "0.01", "BTC-USDT-SWAP": "1", "BTC-USD-SWAP": "5"}.get(instrument.instrument_id, "0.1"),
        "price": "50000",
        "trade_mode": "cross" if swap else "cash",
    }
    return OrderParams(**{**usual, **changes})


def names(decision: Decision) -> tuple[str, ...]:
    """The checks that refused."""
    return tuple(reason.check for reason in decision.result.reasons)
