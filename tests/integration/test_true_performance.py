"""Performance figures that can be true, on whole systems in virtual time: trips by book, profit as it is realised, and
the account's change of equity explained on several kinds of account.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from app.clock import SimulatedClock
from app.domain.instruments import Instrument, InstrumentKind
from app.exchanges.memory.exchange import MemoryExchange
from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS, ODD_INSTRUMENTS
from app.exchanges.port import BillKind
from app.journal.audit import audit
from app.models.trading import OrderSide
from app.services.trading.schemas import PerformanceMetrics
from app.store import queries
from tests.support.trading_world import SWAP, D, TradingWorld, VirtualTimePolicy, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

WIDE = {"max_order_value": 10**9, "max_order_size": 10**9, "max_position_value_pct": 10, "max_daily_loss": 0.99}
INVERSE = Instrument(
    "BTC-USDC-SWAP", InstrumentKind.SWAP, "BTC", "USDC", "BTC", D("0.1"), D(1), D(1), D(100), inverse=True
)
MARKETS = (*(i for i in (*DEFAULT_INSTRUMENTS, *ODD_INSTRUMENTS) if i.instrument_id != "USDC-USDT"), INVERSE)


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


def worth(world: TradingWorld) -> tuple[Decimal, Decimal]:
    """Equity, and what of it is unrealised, both in the valuation currency."""
    system, prices = world.system, world.system.prices
    total = system._equity()
    unrealised = D(0)
    for asset, holding in system.ledger.assets.held.items():
        price = prices.price(asset)
        assert price is not None, asset
        whole = holding.whole
        unrealised += whole.priced * price - whole.cost
    unrealised += sum((swap.value for swap in total.swaps if swap.value is not None), D(0))
    return total.equity, unrealised


KINDS: Mapping[str, Mapping[str, str]] = {
    "USDT": {"USDT": "1000000"},
    "USDC and a coin": {"USDC": "1000000", "BTC": "3"},
    "coins alone": {"BTC": "20", "ETH": "100", "USDT": "1"},
}
"""Kinds of account; beside them the life itself trades pairs of three quotes and linear and inverse contracts."""
PAIRS = {"BTC": ("BTC-USDT", "BTC-USDC"), "ETH": ("ETH-USDT", "ETH-USDC", "ETH-BTC")}


def requote(world: TradingWorld, rng: random.Random, marks: dict[str, Decimal]) -> None:
    for asset in marks:
        marks[asset] = round(marks[asset] * D(rng.randrange(980, 1021)) / 1000, 1)
    for quote in ("USDT", "USDC"):
        for asset, mark in marks.items():
            around(world, f"{asset}-{quote}", mark, D("0.1"))
    around(world, "ETH-BTC", round(marks["ETH"] / marks["BTC"], 5), D("0.00001"))
    for swap in (SWAP, INVERSE.instrument_id):
        around(world, swap, marks["BTC"], D("0.1"))


def around(world: TradingWorld, instrument_id: str, mid: Decimal, half: Decimal) -> None:
    world.quote(str(mid - half), str(mid + half), instrument_id)


async def live(world: TradingWorld, rng: random.Random) -> Decimal:
    """Trades, funds that come and go, funding and prices; returns what flowed in."""
    flows, marks = D(0), {"BTC": D(50_000), "ETH": D(2_500)}
    for _ in range(14):
        requote(world, rng, marks)
        await world.clock.sleep(rng.randrange(1, 30))
        step = rng.random()
        if step < 0.2:
            currency = rng.choice(("USDT", "USDC", "BTC", "ETH"))
            amount = D(rng.randrange(1, 50)) / 100
            world.exchange.move_cash(BillKind.TRANSFER, currency, amount)
            await world.system.reconciler.run()
            price = world.system.prices.price(currency)
            assert price is not None
            flows += amount * price
        elif step < 0.3:
            world.exchange.move_cash(rng.choice((BillKind.FUNDING, BillKind.INTEREST)), "USDT", D("-0.7"))
            await world.system.reconciler.run()
        else:
            asset = rng.choice(tuple(PAIRS))
            pair = rng.choice((*PAIRS[asset], *((SWAP, INVERSE.instrument_id) if asset == "BTC" else ())))
            contract = pair.endswith("SWAP")
            size = str(rng.randrange(1, 6)) if contract else str(D(rng.randrange(1, 90)) / 1000)
            side = rng.choice((OrderSide.BUY, OrderSide.SELL))
            changes = {"trade_mode": "cross"} if contract else {}
            await world.trade(side, size, instrument_id=pair, strategy_id=rng.choice(("a", "b", None)), **changes)
    requote(world, rng, marks)
    await world.clock.sleep(2)
    return flows


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
async def test_the_change_of_equity_is_explained(tmp_path: Path, kind: str, seed: int) -> None:
    clock = SimulatedClock(seed=seed)
    venue = MemoryExchange(clock, instruments=MARKETS, balances={c: D(a) for c, a in KINDS[kind].items()})
    # What has no price at the first start has a cost that nobody knows, and is in no profit.
    venue.set_book("ETH-USDT", D("2499.9"), D("2500.1"), D(5))
    async with trading_world(tmp_path, exchange=venue, clock=clock, risk=WIDE) as world:
        rng = random.Random(f"{kind}{seed}")
        requote(world, rng, {"BTC": D(50_000), "ETH": D(2_500)})
        await world.clock.sleep(2)
        before = worth(world)
        flows = await live(world, rng)
        after, found = worth(world), performance(world)
        explained = found.net_profit + (after[1] - before[1]) + flows
        assert abs(after[0] - before[0] - explained) < D("0.000001"), (after[0] - before[0], explained)
        assert audit(world.system.database, "main", world.system.ledger.instruments).findings == ()


async def test_what_the_account_was_worth_is_kept_with_what_comes_and_goes(tmp_path: Path) -> None:
    async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(100_000)}) as world:
        for amount in ("900000", "-950000"):
            world.exchange.move_cash(BillKind.TRANSFER, "USDT", D(amount))
            await world.system.reconciler.run()
        world.exchange.move_cash(BillKind.FUNDING, "USDT", D("-1"))
        await world.system.reconciler.run()
        kept = [row["equity"] for row in queries.cash_movements(world.system.database, "main")]
        assert kept == [None, D(100_000), D(1_000_000), None]
        found = performance(world)
        ratios = (found.sharpe_ratio, found.sortino_ratio, found.volatility, found.calmar_ratio)
        assert all(math.isnan(ratio) for ratio in ratios), "not before two whole days"
        assert audit(world.system.database, "main", world.system.ledger.instruments).findings == ()
