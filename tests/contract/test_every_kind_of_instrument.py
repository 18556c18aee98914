"""The port's contract on each kind of instrument, on every venue: pairs quoted in a coin or in euros, a price of a
billionth in lots of a thousand, linear and inverse contracts, cross and isolated, net and long beside short.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, TypeAlias

import pytest

from app.domain.instruments import Instrument, InstrumentKind
from app.domain.market import BookAction
from app.domain.order_changes import apply_report, mark_accepted, new_order
from app.domain.orders import (
    Fill,
    Liquidity,
    OrderSide,
    OrderStatus,
    OrderType,
    PositionKey,
    PositionSide,
    TradeMode,
    VenueState,
)
from app.exchanges.port import BillKind, CancelRequest, OutcomeKind
from tests.contract.support.venues import RICH, SPOT, SWAP, VENUES, Bench, Setting, play
from tests.contract.test_exchange_contract import told

BUY, SELL = OrderSide.BUY, OrderSide.SELL
ACCEPTED, REJECTED, UNKNOWN = OutcomeKind.ACCEPTED, OutcomeKind.REJECTED, OutcomeKind.UNKNOWN
D = Decimal
GRAIN = D("1e-12")


@dataclass(frozen=True)
class Kind:
    """One kind of instrument and of position. size: of one unit of the tests' orders; bid, ask: of the market."""

    instrument_id: str
    size: str
    bid: str
    ask: str
    mode: TradeMode = TradeMode.CASH
    hedged: bool = False

    @property
    def middle(self) -> Decimal:
        return (D(self.bid) + D(self.ask)) / 2

    @property
    def away(self) -> Decimal:
        """A price at which a buy rests, behind the market and within any band."""
        return D(self.bid) * D("0.98") // D("1e-18") * D("1e-18")

    def setting(self) -> Setting:
        quotes = {SPOT: ("49999.8", "50000.2"), SWAP: ("49999.8", "50000.2")}
        return Setting(RICH, self.hedged, True, {**quotes, self.instrument_id: (self.bid, self.ask)})

    def of(self, side: OrderSide, *, closing: bool = False) -> dict[str, Any]:
        """What an order that opens (or closes) a position on that side says of it."""
        if self.mode is TradeMode.CASH:
            return {}
        opens = side.opposite if closing else side
        hedge = PositionSide.LONG if opens is BUY else PositionSide.SHORT
        return {"trade_mode": self.mode, "position_side": hedge if self.hedged else PositionSide.NET}

    def key(self, side: OrderSide) -> PositionKey:
        told = self.of(side)
        return PositionKey(self.instrument_id, told["position_side"], self.mode)


CROSS, ISOLATED = TradeMode.CROSS, TradeMode.ISOLATED
KINDS = {
    "quoted in a coin": Kind("ETH-BTC", "0.01", "0.04999", "0.05001"),
    "quoted in euros": Kind("BTC-EUR", "0.001", "44999.8", "45000.2"),
    "a billionth": Kind("PEPE-USDT", "1000000000", "0.0000000012344", "0.0000000012346"),
    "linear, isolated": Kind(SWAP, "2", "49999.8", "50000.2", ISOLATED),
    "linear, long beside short": Kind(SWAP, "2", "49999.8", "50000.2", CROSS, hedged=True),
    "inverse": Kind("BTC-USD-SWAP", "3", "49999.8", "50000.2", CROSS),
    "inverse, isolated, long beside short": Kind("BTC-USD-SWAP", "3", "49999.8", "50000.2", ISOLATED, hedged=True),
}
CONTRACTS = [name for name, kind in KINDS.items() if kind.mode is not TradeMode.CASH]

Scenario: TypeAlias = Callable[["Stage"], Awaitable[None]]
On: TypeAlias = Callable[[Scenario], None]


class Stage:
    """A bench with the kind that is played on it."""

    def __init__(self, bench: Bench, kind: Kind) -> None:
        self.bench, self.kind, self.exchange = bench, kind, bench.exchange
        self.instrument: Instrument = bench.instruments[kind.instrument_id]
        self.began_ns = bench.clock.now_ns()

    async def place(
        self,
        name: str,
        side: OrderSide,
        order_type: OrderType = OrderType.MARKET,
        units: int = 1,
        price: Decimal | None = None,
        *,
        closing: bool = False,
        **more: Any,
    ) -> Any:
        size = format(D(self.kind.size) * units, "f")
        about = self.kind.of(side, closing=closing) | more
        shown = None if price is None else format(price - price % self.instrument.tick, "f")
        return await self.bench.place(
            name, side, order_type, size, shown, instrument_id=self.kind.instrument_id, **about
        )

    async def taken(self, side: OrderSide, units: int) -> None:
        size = D(self.kind.size) * units
        await self.bench.venue.trade_through(side, self.kind.middle, size, self.kind.instrument_id)
        await self.bench.settle()

    def told(self, name: str) -> Any:
        return told(self.bench, name)

    async def asked(self, name: str) -> Any:
        return await self.exchange.order(self.kind.instrument_id, client_order_id=name)

    async def balances(self) -> dict[str, Decimal]:
        return {balance.currency: balance.total for balance in await self.exchange.balances()}

    def fee(self, fill: Fill, rate: Decimal) -> tuple[Decimal, str]:
        """What a fill costs at a rate, and in what."""
        inst = self.instrument
        if inst.kind is InstrumentKind.SPOT:
            buy = fill.side is BUY
            return (fill.size if buy else fill.size * fill.price) * rate, inst.base if buy else inst.quote
        if inst.inverse:
            value = (fill.size * inst.contract_value / fill.price).quantize(GRAIN, ROUND_HALF_EVEN)
            return (value * rate).quantize(GRAIN, ROUND_HALF_EVEN), inst.settle
        return fill.size * inst.contract_value * fill.price * rate, inst.settle


def stage(venue: str, name: str) -> On:
    def run(scenario: Scenario) -> None:
        kind = KINDS[name]
        play(lambda: VENUES[venue](kind.setting()), lambda bench: scenario(Stage(bench, kind)))

    return run


@pytest.fixture(name="on", params=[(venue, kind) for venue in sorted(VENUES) for kind in KINDS], ids=" ".join)
def _on(request: pytest.FixtureRequest) -> On:
    return stage(*request.param)


@pytest.fixture(name="on_contract", params=[(v, kind) for v in sorted(VENUES) for kind in CONTRACTS], ids=" ".join)
def _on_contract(request: pytest.FixtureRequest) -> On:
    return stage(*request.param)


def test_a_market_order_fills_and_every_source_agrees(on: On) -> None:
    async def scenario(s: Stage) -> None:
        outcome = await s.place("m1", BUY)
        assert outcome.kind is ACCEPTED, outcome
        order = s.told("m1")
        assert (order.status, order.settled, order.average_price) == (OrderStatus.FILLED, True, D(s.kind.ask))
        asked = await s.asked("m1")
        assert (asked.state, asked.filled) == (VenueState.FILLED, D(s.kind.size))
        fills = await s.exchange.fills(s.began_ns, venue_order_id=outcome.venue_order_id)
        assert {fill.fill.key: fill.fill for fill in fills if fill.fill} == dict(order.fills)
        assert [each.client_order_id for each in await s.exchange.order_history(s.began_ns)] == ["m1"]
        assert await s.exchange.open_orders() == []

    on(scenario)


def test_fees_and_balances_are_exact(on: On) -> None:
    async def scenario(s: Stage) -> None:
        before, rate = await s.balances(), (await s.exchange.fee_rates(s.kind.instrument_id)).taker
        await s.place("m1", BUY)
        await s.place("m2", SELL, closing=True)
        (bought,), (sold,) = (s.told(name).fills.values() for name in ("m1", "m2"))
        moved = dict.fromkeys(before, D(0))
        for fill in (bought, sold):
            assert (fill.fee, fill.fee_currency) == s.fee(fill, rate)
            assert fill.liquidity is Liquidity.TAKER
            moved[fill.fee_currency] -= fill.fee
            if s.instrument.kind is InstrumentKind.SPOT:
                moved[s.instrument.base] += fill.side.sign * fill.size
                moved[s.instrument.quote] -= fill.side.sign * fill.size * fill.price
            else:
                told = {each.fill.key: each.fill for each in await s.exchange.fills(s.began_ns) if each.fill}
                moved[s.instrument.settle] += told[fill.key].pnl or 0
        after = await s.balances()
        for currency, amount in moved.items():
            assert abs(after[currency] - before[currency] - amount) <= GRAIN, currency
        heard = s.bench.heard.balances
        assert {name: heard[name].total for name in after if moved[name]} == {n: after[n] for n in after if moved[n]}

    on(scenario)


def test_a_limit_order_rests_and_is_canceled_by_either_id(on: On) -> None:
    async def scenario(s: Stage) -> None:
        before = await s.balances()
        for name, by_theirs in (("l1", False), ("l2", True)):
            placed = await s.place(name, BUY, OrderType.LIMIT, price=s.kind.away)
            assert s.told(name).status is OrderStatus.LIVE
            assert [report.client_order_id for report in await s.exchange.open_orders()] == [name]
            ids = {"venue_order_id": placed.venue_order_id} if by_theirs else {"client_order_id": name}
            outcome = await s.exchange.cancel(CancelRequest(s.kind.instrument_id, **ids))
            await s.bench.settle()
            assert outcome.kind is ACCEPTED
            assert s.told(name).status is OrderStatus.CANCELED
        assert await s.exchange.open_orders() == []
        assert await s.balances() == before
        assert all(balance.available == balance.total for balance in await s.exchange.balances())

    on(scenario)


def test_a_resting_order_is_filled_as_maker_in_parts_and_keeps_them_when_canceled(on: On) -> None:
    async def scenario(s: Stage) -> None:
        await s.place("l1", BUY, OrderType.LIMIT, 4, s.kind.middle)
        await s.taken(BUY, 1)
        assert s.told("l1").status is OrderStatus.PARTIALLY_FILLED
        await s.taken(BUY, 2)
        await s.exchange.cancel(CancelRequest(s.kind.instrument_id, "l1"))
        await s.bench.settle()
        order = s.told("l1")
        assert (order.status, order.settled, order.average_price) == (OrderStatus.CANCELED, True, s.kind.middle)
        assert sorted(fill.size for fill in order.fills.values()) == [D(s.kind.size), 2 * D(s.kind.size)]
        assert {fill.liquidity for fill in order.fills.values()} == {Liquidity.MAKER}
        rate = (await s.exchange.fee_rates(s.kind.instrument_id)).maker
        for fill in order.fills.values():
            assert (fill.fee, fill.fee_currency) == s.fee(fill, rate)

    on(scenario)


@pytest.mark.parametrize("order_type", [OrderType.POST_ONLY, OrderType.IOC, OrderType.FOK])
def test_orders_that_may_not_rest_or_take_are_canceled_by_the_venue(on: On, order_type: OrderType) -> None:
    async def scenario(s: Stage) -> None:
        price = D(s.kind.ask) if order_type is OrderType.POST_ONLY else s.kind.away
        outcome = await s.place("x1", BUY, order_type, price=price)
        assert (outcome.kind, s.told("x1").status) == (ACCEPTED, OrderStatus.CANCELED)

    on(scenario)


def test_an_amend_changes_size_and_price(on: On) -> None:
    async def scenario(s: Stage) -> None:
        await s.place("l1", BUY, OrderType.LIMIT, 1, s.kind.away)
        price, size = s.kind.middle - 3 * s.instrument.tick, 2 * D(s.kind.size)
        outcome = await s.bench.amend("l1", "r1", size=format(size, "f"), price=format(price, "f"))
        assert outcome.kind is ACCEPTED, outcome
        order = s.told("l1")
        assert (order.size, order.price, order.status) == (size, price, OrderStatus.LIVE)

    on(scenario)


@pytest.mark.parametrize("off", ["lot", "tick"])
def test_what_is_off_the_lattice_is_refused_and_never_heard_of(on: On, off: str) -> None:
    async def scenario(s: Stage) -> None:
        about = {"instrument_id": s.kind.instrument_id, **s.kind.of(BUY)}
        size = D(s.kind.size) + (s.instrument.lot / 2 if off == "lot" else 0)
        price = s.kind.middle - (s.instrument.tick / 2 if off == "tick" else 0)
        outcome = await s.bench.place("bad", BUY, OrderType.LIMIT, format(size, "f"), format(price, "f"), **about)
        assert outcome.kind in (REJECTED, OutcomeKind.NOT_SENT), outcome
        assert s.bench.heard.of("bad") == []
        assert await s.asked("bad") is None

    on(scenario)


@pytest.mark.parametrize("taken", [True, False])
def test_an_unanswered_send_is_unknown_until_evidence(on: On, taken: bool) -> None:
    async def scenario(s: Stage) -> None:
        s.bench.venue.next_place_is_unknown(taken=taken)
        assert (await s.place("u1", BUY, OrderType.LIMIT, price=s.kind.away)).kind is UNKNOWN
        assert (await s.asked("u1") is not None) is taken

    on(scenario)


def test_c1_what_happens_while_the_streams_are_down_is_found_by_reading(on: On) -> None:
    async def scenario(s: Stage) -> None:
        await s.place("l1", BUY, OrderType.LIMIT, 1, s.kind.middle)
        s.bench.venue.break_streams()
        await s.taken(BUY, 1)
        await s.bench.venue.mend_streams()
        await s.bench.settle()
        fills = [report.fill for report in await s.exchange.fills(s.began_ns) if report.fill]
        assert [(fill.size, fill.price) for fill in fills] == [(D(s.kind.size), s.kind.middle)]
        assert (await s.asked("l1")).state is VenueState.FILLED

    on(scenario)


def test_b1_b2_reports_in_any_order_give_the_same_order(on: On) -> None:
    async def scenario(s: Stage) -> None:
        outcome = await s.place("l1", BUY, OrderType.LIMIT, 3, s.kind.middle)
        for units in (1, 2):
            await s.taken(BUY, units)
        reports, start = s.bench.heard.of("l1"), new_order(s.bench.intents["l1"].request)
        ends: set[tuple[object, ...]] = set()
        for sequence in (reports, reports[::-1], [*reports, *reports]):
            order = start
            for report in sequence:
                order = apply_report(order, report, 2).order
            order = mark_accepted(order, outcome.venue_order_id, 1, 3)
            ends.add((order.status, order.filled, order.cost, order.venue_order_id, frozenset(order.fills)))
        assert len(ends) == 1

    on(scenario)


def test_following_brings_a_snapshot_with_exact_prices(on: On) -> None:
    async def scenario(s: Stage) -> None:
        await s.exchange.follow(s.kind.instrument_id)
        await s.bench.settle()
        (first,) = [update for update in s.bench.heard.books if update.action is BookAction.SNAPSHOT]
        ticker, read = await s.exchange.ticker(s.kind.instrument_id), await s.exchange.book(s.kind.instrument_id)
        for bid, ask in (
            (ticker.bid, ticker.ask),
            (max(read.bids)[0], min(read.asks)[0]),
            (max(first.bids)[0], min(first.asks)[0]),
        ):
            assert (bid, ask) == (D(s.kind.bid), D(s.kind.ask))

    on(scenario)


def test_positions_are_kept_by_side_and_mode_and_close_to_zero(on_contract: On) -> None:
    async def scenario(s: Stage) -> None:
        await s.place("s1", SELL, units=2)
        (position,) = await s.exchange.positions()
        assert (position.key, position.size) == (s.kind.key(SELL), -2 * D(s.kind.size))
        assert position.entry_price is not None
        assert abs(position.entry_price - D(s.kind.bid)) < D("1e-7")
        if s.kind.hedged:
            await s.place("b1", BUY, units=1)
            held = {each.key: each.size for each in await s.exchange.positions()}
            assert held == {s.kind.key(SELL): -2 * D(s.kind.size), s.kind.key(BUY): D(s.kind.size)}
            await s.place("b2", SELL, units=1, closing=True)
        await s.place("s2", BUY, units=2, closing=True, reduce_only=not s.kind.hedged)
        assert s.told("s2").status is OrderStatus.FILLED
        assert [each for each in await s.exchange.positions() if each.size] == []
        last = {each.key: each.size for each in s.bench.heard.positions}
        assert set(last.values()) == {0}

    on_contract(scenario)


def test_a_close_of_more_than_is_there_is_refused(on_contract: On) -> None:
    async def scenario(s: Stage) -> None:
        wrong = await s.place("x0", SELL, closing=True, reduce_only=not s.kind.hedged)
        assert wrong.kind is REJECTED
        await s.place("b1", BUY)
        await s.place("x1", SELL, units=1, closing=True, reduce_only=not s.kind.hedged)
        assert s.told("x1").status is OrderStatus.FILLED
        wrong = await s.place("x2", SELL, closing=True, reduce_only=not s.kind.hedged)
        assert wrong.kind is REJECTED

    on_contract(scenario)


def test_d13_funding_is_a_bill_in_the_settlement_currency(on_contract: On) -> None:
    async def scenario(s: Stage) -> None:
        await s.place("s1", SELL)
        before = await s.balances()
        s.bench.venue.pay_funding(D("0.001"), s.kind.instrument_id)
        await s.bench.settle()
        (bill,) = await s.exchange.bills(s.began_ns)
        settle = s.instrument.settle
        assert (bill.kind, bill.currency, bill.instrument_id) == (BillKind.FUNDING, settle, s.kind.instrument_id)
        value = D(s.kind.size) * s.instrument.contract_value
        worth = value / 50_000 if s.instrument.inverse else value * 50_000
        assert abs(bill.amount - worth * D("0.001")) <= GRAIN, "shorts receive"
        after = await s.balances()
        assert abs(after[settle] - before[settle] - bill.amount) <= GRAIN

    on_contract(scenario)
