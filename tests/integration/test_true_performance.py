"""Performance figures that can be true, on whole systems in virtual time: trips by book, profit as it is realised, and
the account's change of equity explained on several kinds of account.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import SimulatedClock, utc
from app.domain.holdings import STRATEGY
from app.domain.instruments import Instrument, InstrumentKind
from app.domain.orders import OrderRequest, OrderType, PositionKey, PositionSide, TradeMode
from app.exchanges.memory.exchange import MemoryExchange
from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS, ODD_INSTRUMENTS
from app.exchanges.memory.ledger import Booked
from app.exchanges.memory.ledger import Ledger as MemoryLedger
from app.exchanges.port import AccountConfig, BillKind
from app.journal.audit import audit
from app.models.trading import OrderSide
from app.services.trading.reports.profits import Asked, ProfitReader
from app.services.trading.reports.trip_fills import Rates
from app.services.trading.schemas import PerformanceMetrics
from app.store import queries
from app.strategies.signals import Signal, SignalType
from tests.support.trading_world import SWAP, D, TradingWorld, VirtualTimePolicy, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

SWAP_KEY = PositionKey(SWAP, mode=TradeMode.CROSS)
WIDE = {"max_order_value": 10**9, "max_order_size": 10**9, "max_position_value_pct": 10, "max_daily_loss": 0.99}
INVERSE = Instrument(
    "BTC-USDC-SWAP", InstrumentKind.SWAP, "BTC", "USDC", "BTC", D("0.1"), D(1), D(1), D(100), inverse=True
)
IN_USDC = Instrument("ETH-USDC-SWAP", InstrumentKind.SWAP, "ETH", "USDC", "USDC", D("0.1"), D(1), D(1), D("0.01"))
DOLLAR_PAIR = next(one for one in ODD_INSTRUMENTS if one.instrument_id == "USDC-USDT")
MARKETS = (*(i for i in (*DEFAULT_INSTRUMENTS, *ODD_INSTRUMENTS) if i.instrument_id != "USDC-USDT"), INVERSE, IN_USDC)


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


async def ask(world: TradingWorld, price: str) -> None:
    """BTC-USDT is to be had at a price."""
    world.quote(str(D(price) - D("0.1")), price)
    await world.clock.sleep(1)


async def bid(world: TradingWorld, price: str) -> None:
    """BTC-USDT is wanted at a price."""
    world.quote(price, str(D(price) + D("0.1")))
    await world.clock.sleep(1)


def performance(world: TradingWorld, strategy: str | None = None) -> PerformanceMetrics:
    return world.recorder.calculate_performance(strategy_id=strategy)


def held_of_contracts(world: TradingWorld) -> dict[tuple[str, PositionKey], Decimal]:
    """What each strategy holds of each contract, by the ledger."""
    sizes = world.system.ledger.strategy_sizes.items()
    return {name: size for name, size in sizes if size and name[1].mode is not TradeMode.CASH}


def opposed(world: TradingWorld) -> set[PositionKey]:
    """Where our orders without a strategy and a hand stood on two sides of one position: the ledger, which knows their
    sum alone, may then take more of the strategies than performance does."""
    sums: dict[PositionKey, list[Decimal]] = {}
    found: set[PositionKey] = set()
    for rows in queries.iter_trades(world.system.database, "main", queries.TradeFilter()):
        for row in rows:
            if row["strategy_id"] is None and row["trade_mode"] != "cash":
                key = PositionKey(
                    row["instrument_id"], PositionSide(row["position_side"]), TradeMode(row["trade_mode"])
                )
                ours_theirs = sums.setdefault(key, [D(0), D(0)])
                ours_theirs[row["order_id"].startswith("ext-")] += OrderSide(row["side"]).sign * row["size"]
                if ours_theirs[0] * ours_theirs[1] < 0:
                    found.add(key)
    return found


def by_books(world: TradingWorld) -> dict[tuple[str, PositionKey], Decimal]:
    """The same out of the trades, as performance divides them."""
    ledger, recorder = world.system.ledger, world.recorder
    present, prices = recorder.present(), world.system.prices
    reader = ProfitReader(ledger, world.system.database, prices.currency, Rates(present.marks, prices.routes))
    found: dict[tuple[str, PositionKey], Decimal] = {}
    for held in reader.read(Asked(), present).positions:
        if held.trade_mode and held.size and held.book.startswith(STRATEGY):
            key = PositionKey(held.instrument_id, PositionSide(held.position_side), TradeMode(held.trade_mode))
            found[held.book.removeprefix(STRATEGY), key] = held.size
    return found


async def test_one_manual_buy_freezes_nothing_and_the_account_is_the_sum_of_its_books(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(1_000_000)}) as world:
        await ask(world, "50000")
        await world.buy("0.5")  # by hand, and never sold
        for strategy, size, prices in (("a", "1", ("51000", "50500", "52000")), ("b", "0.2", ("49000", "48000"))):
            for price in prices:
                await ask(world, "50000")
                await world.buy(size, strategy_id=strategy)
                await bid(world, price)
                held = world.system.ledger.assets.quantity("BTC", f"strategy:{strategy}")
                await world.sell(str(held), strategy_id=strategy)
        account, a, b = performance(world), performance(world, "a"), performance(world, "b")
        assert (account.total_trades, a.total_trades, b.total_trades) == (5, 3, 2)
        assert (account.winning_trades, account.losing_trades, account.open_trips) == (3, 2, 1)
        own_fee = D("25")  # of the buy by hand: 0.0005 BTC
        assert account.net_profit == a.net_profit + b.net_profit - own_fee
        assert account.total_fees == a.total_fees + b.total_fees + own_fee
        assert account.gross_profit + account.gross_loss == a.net_profit + b.net_profit
        assert a.net_profit == sum((D("0.999") * D(p) * D("0.999") - 50_000 for p in ("51000", "50500", "52000")), D(0))


async def test_profit_counts_as_it_is_realised(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(100_000)}) as world:
        await ask(world, "50000")
        await world.buy("1", strategy_id="a")
        await bid(world, "60000")
        await world.sell("0.4", strategy_id="a")
        found = performance(world, "a")
        assert (found.total_trades, found.open_trips) == (0, 1)
        # 0.4 of what cost 50,000 a coin; the fees are 50 (0.001 BTC) and 24.
        assert (found.realised_pnl, found.total_fees, found.net_profit) == (D(4_000), D(74), D(3_926))
        (position,) = world.positions.get_all_positions()
        assert (position.realised_pnl, position.fee_value) == (D(4_000), D(74)), "one truth"


async def test_a_coin_of_before_us_that_is_sold_realises(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(1_000), "BTC": D(1)}) as world:
        await bid(world, "60000")
        await world.sell("0.5")
        found = performance(world)
        assert found.realised_pnl == D("0.5") * (60_000 - 50_000)
        assert (found.total_trades, found.open_trips) == (0, 0)


def equity(world: TradingWorld) -> Decimal:
    """In the valuation currency."""
    return world.system._equity().equity


async def test_two_strategies_on_one_contract_at_different_prices(tmp_path: Path) -> None:
    """The exchange averages what both bought, and realises half of what the first one made."""
    async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(100_000)}) as world:
        before = equity(world)
        for side, strategy, bid, ask in (
            (OrderSide.BUY, "a", "49999.9", "50000"),
            (OrderSide.BUY, "b", "59999.9", "60000"),
            (OrderSide.SELL, "a", "60000", "60000.1"),
        ):
            world.quote(bid, ask, SWAP)
            await world.clock.sleep(1)
            await world.trade(side, "5", instrument_id=SWAP, strategy_id=strategy, trade_mode="cross")
        account, a, b = performance(world), performance(world, "a"), performance(world, "b")
        change = equity(world) - before
        assert change == D("491.5025")
        assert (account.realised_pnl, account.net_profit, account.unrealized_pnl) == (500, D("491.5"), D("0.0025"))
        assert (a.realised_pnl, a.net_profit, a.unrealized_pnl) == (500, D("494.5"), 0)
        assert (b.realised_pnl, b.net_profit, b.unrealized_pnl) == (0, -3, D("0.0025"))
        (position,) = world.positions.get_all_positions()
        assert (position.realised_pnl, position.unrealised_pnl) == (250, D("250.0025")), "the exchange's view"
        assert (account.open_trips, a.open_trips, b.open_trips) == (1, 0, 1)

        past = world.recorder.calculate_performance(end_date=utc(world.clock.now_ns()))
        assert past.unrealized_pnl is None
        assert "unrealized_pnl is not known: the window ends in the past" in past.notes


@pytest.mark.parametrize("hedged", [False, True], ids=["one way", "hedged"])
async def test_what_a_flatten_or_a_hand_closes_is_closed_of_the_strategies(tmp_path: Path, hedged: bool) -> None:
    """Nothing is open at the exchange afterwards, and so nothing in a book."""
    clock = SimulatedClock(seed=1)
    venue = MemoryExchange(clock, instruments=MARKETS, balances={"USDT": D(100_000)}, account=account_config(hedged))
    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=WIDE) as world:
        before, long = equity(world), {"position_side": "long"} if hedged else {}
        for strategy, size, mid in (("a", "5", "50000"), ("b", "3", "60000")):
            around(world, SWAP, D(mid), D("0.1"))
            await world.clock.sleep(1)
            given = {"instrument_id": SWAP, "strategy_id": strategy, "trade_mode": "cross", **long}
            await world.trade(OrderSide.BUY, size, **given)
        around(world, SWAP, D(70_000), D("0.1"))
        await world.clock.sleep(1)
        place_by_hand(world, SWAP, OrderSide.SELL, D(4), PositionSide.LONG if hedged else PositionSide.NET)
        await world.clock.sleep(1)
        await world.executor.flatten()
        await world.clock.sleep(2)
        account, a, b = performance(world), performance(world, "a"), performance(world, "b")
        assert (account.open_trips, account.total_trades, account.unrealized_pnl) == (0, 2, 0)
        # Sold at 69,999.9 what was bought at 50,000.1 and 60,000.1.
        assert (a.realised_pnl, b.realised_pnl) == (D("999.99"), D("299.994"))
        assert account.net_profit == equity(world) - before
        assert account.total_fees == a.total_fees + b.total_fees + D("0.08") * D("69999.9") / 1000


async def test_a_contract_of_before_us_earns_from_its_entry_on_and_belongs_to_nobody(tmp_path: Path) -> None:
    clock = SimulatedClock(seed=1)
    venue = MemoryExchange(clock, instruments=MARKETS, balances={"USDT": D(100_000)})
    venue.set_book(SWAP, D(40_000), D(40_000), D(5))
    venue.venue.ledger.fill(
        venue.venue.instruments[SWAP], PositionKey(SWAP, mode=TradeMode.CROSS), OrderSide.BUY, D(3), D(40_000), D(0)
    )
    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=WIDE) as world:
        around(world, SWAP, D(50_000), D(1))
        await world.clock.sleep(1)
        start, found = equity(world), performance(world)
        assert (found.unrealized_pnl, found.net_profit, found.open_trips, found.fill_count) == (300, 0, 0, 0)
        await world.trade(OrderSide.SELL, "2", instrument_id=SWAP, trade_mode="cross")
        around(world, SWAP, D(51_000), D(1))
        await world.clock.sleep(1)
        found = performance(world)
        assert (found.realised_pnl, found.unrealized_pnl, found.open_trips) == (D("199.98"), 110, 0)
        assert found.net_profit + 110 - 300 == equity(world) - start


KINDS: Mapping[str, Mapping[str, str]] = {
    "USDT": {"USDT": "1000000"},
    "USDC and a coin": {"USDC": "1000000", "BTC": "3"},
    "coins alone": {"BTC": "20", "ETH": "100", "USDT": "1"},
    "a USDC that moves": {"USDT": "1000000", "USDC": "1000000", "BTC": "3"},
    "EUR": {"EUR": "1000000", "USDC": "1000000", "BTC": "3", "ETH": "10"},
    "EUR, charged in ether": {"EUR": "1000000", "USDC": "1000000", "USDT": "10000", "BTC": "3", "ETH": "10"},
}
"""Kinds of account; beside them the life itself trades pairs of three quotes and linear and inverse contracts."""
PAIRS = {"BTC": ("BTC-USDT", "BTC-USDC", "BTC-EUR"), "ETH": ("ETH-USDT", "ETH-USDC", "ETH-BTC")}
CONTRACTS = {SWAP: "BTC", INVERSE.instrument_id: "BTC", IN_USDC.instrument_id: "ETH"}
DOLLARS = "USDC-USDT"


def account_config(hedged: bool) -> AccountConfig:
    return AccountConfig("memory-1", "memory", hedged, "2", frozenset({"read_only", "trade"}))


def requote(world: TradingWorld, rng: random.Random, marks: dict[str, Decimal]) -> None:
    for asset in marks:
        marks[asset] = round(marks[asset] * D(rng.randrange(980, 1021)) / 1000, 1)
    dollar = D(1)
    if DOLLARS in world.exchange.venue.instruments:
        dollar = D(rng.randrange(9800, 10_201)) / 10_000
        around(world, DOLLARS, dollar, D("0.0001"))
    for asset, mark in marks.items():
        around(world, f"{asset}-USDT", mark, D("0.1"))
        around(world, f"{asset}-USDC", round(mark / dollar, 1), D("0.1"))
    euro = D(rng.randrange(8800, 9201)) / 10_000
    around(world, "USDC-EUR", euro, D("0.0001"))
    around(world, "BTC-EUR", round(marks["BTC"] / dollar * euro, 1), D("0.1"))
    around(world, "ETH-BTC", round(marks["ETH"] / marks["BTC"], 5), D("0.00001"))
    for contract, asset in CONTRACTS.items():
        around(world, contract, marks[asset], D("0.1"))


def around(world: TradingWorld, instrument_id: str, mid: Decimal, half: Decimal) -> None:
    world.quote(str(mid - half), str(mid + half), instrument_id)


def place_by_hand(
    world: TradingWorld, instrument_id: str, side: OrderSide, size: Decimal, position_side: PositionSide
) -> None:
    """At the exchange's own page; it may refuse."""
    instrument = world.exchange.venue.instruments[instrument_id]
    world.exchange.venue.place(
        OrderRequest(
            order_id="",
            account="",
            client_order_id="",
            instrument_id=instrument_id,
            side=side,
            order_type=OrderType.MARKET,
            size=size,
            size_unit=instrument.size_unit,
            price=None,
            trade_mode=TradeMode.CASH if instrument.kind is InstrumentKind.SPOT else TradeMode.CROSS,
            created_ns=world.clock.now_ns(),
            position_side=position_side,
        )
    )


async def trade_something(world: TradingWorld, rng: random.Random, *, hedged: bool) -> None:
    """Of two strategies, of none, or by hand; a contract as often as a pair."""
    side, who = rng.choice((OrderSide.BUY, OrderSide.SELL)), rng.choice(("a", "b", "a", "b", None, "hand"))
    position_side, changes = PositionSide.NET, dict[str, str]()
    if rng.random() < 0.6:
        instrument_id, size = rng.choice(tuple(CONTRACTS)), D(rng.randrange(1, 6))
        if hedged:
            position_side = rng.choice((PositionSide.LONG, PositionSide.SHORT))
            held = abs(world.exchange.venue.ledger.held(PositionKey(instrument_id, position_side, TradeMode.CROSS)))
            opens = side is (OrderSide.BUY if position_side is PositionSide.LONG else OrderSide.SELL)
            size = size if opens else min(size, held)
        changes = {"trade_mode": "cross", "position_side": position_side.value}
    else:
        instrument_id, size = rng.choice(PAIRS[rng.choice(tuple(PAIRS))]), D(rng.randrange(1, 90)) / 1000
    if not size:
        return
    if who == "hand":
        place_by_hand(world, instrument_id, side, size, position_side)
        await world.clock.sleep(1)
    else:
        await world.trade(side, str(size), instrument_id=instrument_id, strategy_id=who, **changes)


async def live(world: TradingWorld, rng: random.Random, *, hedged: bool) -> None:
    """Trades, funds that come and go, funding and prices."""
    marks = {"BTC": D(50_000), "ETH": D(2_500)}
    for _ in range(24):
        requote(world, rng, marks)
        await world.clock.sleep(rng.randrange(1, 10))
        step = rng.random()
        if step < 0.12:
            # What comes before it has a price has a cost that nobody knows.
            currency = rng.choice([c for c in ("USDT", "USDC", "BTC", "ETH") if world.system.prices.price(c)])
            world.exchange.move_cash(BillKind.TRANSFER, currency, D(rng.randrange(1, 50)) / 100)
            await world.system.reconciler.run()
        elif step < 0.2:
            world.exchange.move_cash(rng.choice((BillKind.FUNDING, BillKind.INTEREST)), "USDT", D("-0.7"))
            await world.system.reconciler.run()
        elif step < 0.25:
            await world.executor.flatten(rng.choice(tuple(CONTRACTS)))
            await world.clock.sleep(2)
        else:
            await trade_something(world, rng, hedged=hedged)
    requote(world, rng, marks)
    await world.clock.sleep(2)


def charge(monkeypatch: pytest.MonkeyPatch, rng: random.Random, currency: str) -> None:
    """Most fees are paid in something that most fills have nothing to do with, some of them as rebates."""
    fill = MemoryLedger.fill

    def charged(ledger: MemoryLedger, *given: Any) -> Booked:
        booked = fill(ledger, *given)
        if rng.random() < 0.3:
            return booked
        ledger.add(booked.fee_currency, booked.fee)
        fee = D(rng.randrange(-20, 100)) / 10_000
        ledger.add(currency, -fee)
        return Booked(booked.pnl, fee, currency)

    monkeypatch.setattr(MemoryLedger, "fill", charged)


def moved_in(world: TradingWorld) -> Decimal:
    """At the prices of its moment."""
    rows = queries.cash_movements(world.system.database, "main")
    return sum((row["amount"] * row["price"] for row in rows if row["kind"] == "transfer"), D(0))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hedged", [False, True], ids=["one way", "hedged"])
@pytest.mark.parametrize("seed", range(3))
async def test_the_change_of_equity_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, hedged: bool, seed: int
) -> None:
    """Two strategies, our own orders and a hand, on the same positions at different prices."""
    print("seed", name := f"{kind}, {hedged=}, {seed}")
    if "ether" in kind:
        charge(monkeypatch, random.Random(name), "ETH")
    clock = SimulatedClock(seed=seed)
    venue = MemoryExchange(
        clock,
        instruments=MARKETS if kind != "a USDC that moves" else (*MARKETS, DOLLAR_PAIR),
        balances={c: D(a) for c, a in KINDS[kind].items()},
        account=account_config(hedged),
    )
    # What has no price at the first start has a cost that nobody knows, and is in no profit.
    venue.set_book("ETH-USDT", D("2499.9"), D("2500.1"), D(5))
    venue.set_book(DOLLARS, D("0.9999"), D("1.0001"), D(5))
    if "EUR" in kind:
        venue.set_book("ETH-BTC", D("0.04999"), D("0.05001"), D(5))
        for pair, price in (("BTC-EUR", 45_000), ("USDC-EUR", D("0.9")), ("ETH-USDC", 2_500)):
            venue.set_book(pair, price * D("0.9999"), price * D("1.0001"), D(5))
    valued_in: dict[str, Any] = {"valuation_currency": "EUR"} if "EUR" in kind else {}
    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=WIDE, **valued_in) as world:
        rng = random.Random(name)
        requote(world, rng, {"BTC": D(50_000), "ETH": D(2_500)})
        await world.clock.sleep(2)
        before, start = equity(world), performance(world)
        assert start.unrealized_pnl is not None
        await live(world, rng, hedged=hedged)
        after, found = equity(world), performance(world)
        assert found.unrealized_pnl is not None, found.notes
        explained = found.net_profit + found.unrealized_pnl - start.unrealized_pnl + moved_in(world)
        assert abs(after - before - explained) < D("0.000001"), (name, after - before, explained)
        assert not any("unrealized" in note or "left out" in note for note in found.notes), found.notes
        apart = opposed(world)
        ledger, books = held_of_contracts(world), by_books(world)
        assert {k: s for k, s in ledger.items() if k[1] not in apart} == {
            k: s for k, s in books.items() if k[1] not in apart
        }, "the ledger and performance divide a position alike"
        assert audit(world.system.database, "main", world.system.ledger.instruments).findings == ()


async def test_close_of_a_strategy_takes_only_what_others_left_it(tmp_path: Path) -> None:
    """A hand or a flatten closes what a holds; of what a and b buy then, CLOSE of a takes its own alone."""
    clock = SimulatedClock(seed=1)
    venue = MemoryExchange(clock, instruments=MARKETS, balances={"USDT": D(100_000)}, account=account_config(False))
    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=WIDE) as world:
        around(world, SWAP, D(50_000), D("0.1"))
        await world.clock.sleep(1)

        async def buy(strategy: str, size: str) -> None:
            await world.trade(OrderSide.BUY, size, instrument_id=SWAP, strategy_id=strategy, trade_mode="cross")

        await buy("a", "5")
        await world.executor.flatten()
        await world.clock.sleep(1)
        await buy("a", "2")
        await buy("b", "3")
        place_by_hand(world, SWAP, OrderSide.SELL, D(1), PositionSide.NET)
        await world.clock.sleep(1)
        sizes = {name: world.system.ledger.strategy_size(name, SWAP_KEY) for name in ("a", "b")}
        assert sum(sizes.values()) == 4
        signal = Signal(type=SignalType.CLOSE, instrument_id=SWAP, confidence=1)
        closed = await world.executor.execute_signal(signal, strategy_id="a")
        assert closed is not None
        assert closed.size == sizes["a"]
        await world.clock.sleep(1)
        assert world.system.ledger.fold(SWAP_KEY).position.size == sizes["b"]
        shared = world.events("position.shared")
        assert [json.loads(event["payload"])["shares"] for event in shared] == [{"a": "-5"}, {"a": "-0.4", "b": "-0.6"}]
        assert audit(world.system.database, "main", world.system.ledger.instruments).findings == ()


async def test_what_the_account_was_worth_is_kept_with_what_comes_and_goes(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(100_000)}) as world:
        for amount in ("900000", "-950000"):
            world.exchange.move_cash(BillKind.TRANSFER, "USDT", D(amount))
            await world.system.reconciler.run()
        world.exchange.move_cash(BillKind.FUNDING, "USDT", D("-1"))
        await world.system.reconciler.run()
        kept = [row["equity"] for row in queries.cash_movements(world.system.database, "main")]
        assert kept == [None, D(100_000), D(1_000_000), D(50_000)]
        found = performance(world)
        ratios = (found.sharpe_ratio, found.sortino_ratio, found.volatility, found.calmar_ratio)
        assert all(math.isnan(ratio) for ratio in ratios), "not before two whole days"
        assert audit(world.system.database, "main", world.system.ledger.instruments).findings == ()


async def test_what_came_while_the_account_was_valued_in_another_currency_is_not_counted_in_it(tmp_path: Path) -> None:
    """10 dollars of funding before the setting was changed, 1 while nothing ran, 100 after: never 10 euros."""
    clock = SimulatedClock(seed=1)
    venue = MemoryExchange(clock, instruments=MARKETS, balances={"USDT": D(1_000), "BTC": D(1)})

    async def fund(world: TradingWorld, amount: int) -> None:
        world.exchange.move_cash(BillKind.FUNDING, "USDT", D(amount))
        await world.system.reconciler.run()
        await world.clock.sleep(5)

    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=WIDE) as world:
        await fund(world, -10)
        assert performance(world).total_funding == -10
    venue.move_cash(BillKind.FUNDING, "USDT", D(-1))
    venue.set_book("USDC-EUR", D("0.8"), D("0.8"), D(5))
    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=WIDE, valuation_currency="EUR") as world:
        await world.clock.sleep(5)
        await fund(world, -100)
        found = performance(world)
        assert (found.valuation_currency, found.total_funding) == ("EUR", D("-88.8"))
        assert "USDT valued at the present price of USDC-EUR" in found.notes
        assert audit(world.system.database, "main", world.system.ledger.instruments).findings == ()
    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=WIDE, valuation_currency="USDT") as world:
        await fund(world, -1)
        assert performance(world).total_funding == -112


async def test_a_fee_that_nobody_can_value_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the strategy that paid it, and while it paid it: in no figure, and no silence about it."""
    charge(monkeypatch, random.Random(0), "OKB")
    async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(100_000), "OKB": D(10)}) as world:
        await world.trade(OrderSide.BUY, "0.1", strategy_id="a")
        note = "fees in OKB not counted: it had no price when they were paid"
        found = performance(world)
        assert (found.total_fees, note in found.notes) == (0, True)
        assert note in performance(world, "a").notes
        assert note not in performance(world, "b").notes
        later = world.recorder.calculate_performance(start_date=utc(world.clock.now_ns() + 1_000))
        assert note not in later.notes
