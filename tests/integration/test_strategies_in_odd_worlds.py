"""Every strategy and conditional order in worlds that are not the usual one: a seed draws their terms and the market.

What holds of each: it ends, with its size or a rest that is named; what it fills is what its orders filled; every order
is on the instrument's lattice.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from app.clock import SimulatedClock
from app.domain.instruments import Instrument
from app.domain.market import PublicTrade
from app.domain.money import floor_to
from app.domain.orders import OrderSide, OrderType, PositionSide, TradeMode
from app.domain.parents import ParentStatus
from app.exchanges.memory import DEFAULT_INSTRUMENTS, MemoryExchange
from app.exchanges.memory.instruments import ODD_INSTRUMENTS
from app.exchanges.port import AccountConfig
from app.journal.audit import audit
from app.services.trading import OrderParams
from app.services.trading.execution_strategies import STRATEGIES
from tests.simulation.sample_parents import PRICED, Around, sample
from tests.support.trading_world import TradingWorld, VirtualTimePolicy, trading_world
from tests.unit.domain.builders import INVERSE

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal
LISTED = {each.instrument_id: each for each in (*DEFAULT_INSTRUMENTS, *ODD_INSTRUMENTS, INVERSE)}
SECONDS = 260
WIDE = {
    "max_position_value_pct": "10",
    "max_price_deviation": "0.3",
    "max_order_size": "1e15",
    "max_order_value": "1e9",
    "min_order_size": "0.00000001",
}


@dataclass(frozen=True)
class Odd:
    """One kind of world. worth: of a parent, in the quote currency."""

    instrument_id: str
    price: Decimal
    worth: Decimal
    balances: dict[str, Decimal]
    hedged: bool = False

    @property
    def instrument(self) -> Instrument:
        return LISTED[self.instrument_id]

    @property
    def size(self) -> Decimal:
        instrument = self.instrument
        return floor_to(self.worth / instrument.notional(D(1), self.price), instrument.lot)

    def params(self, side: OrderSide, price: Decimal | None = None, *, reduces: bool = False) -> OrderParams:
        contract = self.instrument.contract_value != 1
        return OrderParams(
            instrument_id=self.instrument_id,
            side=side,
            order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
            size=self.size,
            price=price,
            trade_mode=TradeMode.CROSS if contract else TradeMode.CASH,
            position_side=PositionSide.LONG if self.hedged else PositionSide.NET,
            reduce_only=reduces and contract and not self.hedged,
        )


WORLDS = {
    "an account in USDC": Odd("BTC-USDC", D(50_000), D(500), {"USDC": D(100_000), "BTC": D(2)}),
    "a pair quoted in a coin": Odd("ETH-BTC", D("0.05"), D("0.02"), {"BTC": D(10), "ETH": D(100)}),
    "a price of a billionth": Odd("PEPE-USDT", D("0.0000000012345"), D(400), {"USDT": D(90_000), "PEPE": D(10) ** 13}),
    "an inverse contract": Odd("BTC-USD-SWAP", D(50_000), D(2_000), {"BTC": D(8)}),
    "a hedged position": Odd("BTC-USDT-SWAP", D(50_000), D(1_000), {"USDT": D(100_000)}, hedged=True),
}


class Soon(Around):
    """Over within the test."""

    @property
    def seconds(self) -> int:
        return self.draw.choice((10, 40))


@pytest.fixture
def event_loop_policy() -> VirtualTimePolicy:
    return VirtualTimePolicy()


class Market:
    """A price that wanders, a book of one level, and others who trade."""

    def __init__(self, world: TradingWorld, odd: Odd, draw: random.Random) -> None:
        self._world, self._odd, self._draw, self._trades = world, odd, draw, 0
        self.mid = odd.price
        self.quote()

    def quote(self) -> None:
        tick = self._odd.instrument.tick
        self.bid = max(floor_to(self.mid, tick), tick)
        self._world.quotes.clear()
        self._world.exchange.set_book(self._odd.instrument_id, self.bid, self.bid + 2 * tick, self._odd.size * 40)

    async def wander(self, seconds: int) -> None:
        for _ in range(seconds):
            self.mid *= 1 + D(str(round(self._draw.gauss(0, 0.0006), 6)))
            self.quote()
            self._trades += 1
            now_ns = self._world.clock.now_ns()
            size = self._odd.instrument.floor_size(self._odd.size * D(str(round(self._draw.random() + 0.1, 3))))
            trade = PublicTrade(self._odd.instrument_id, f"other{self._trades}", self.bid, size, True, now_ns)
            self._world.system.market.on_trade(trade)
            await self._world.clock.sleep(1)


@pytest.mark.parametrize("kind", WORLDS)
async def test_every_strategy_ends_with_its_size_or_a_rest_that_is_named(tmp_path: Path, kind: str) -> None:
    odd, draw, clock = WORLDS[kind], random.Random(f"odd {kind}"), SimulatedClock(seed=3)
    who = AccountConfig("odd-1", "memory", odd.hedged, "2", frozenset({"read_only", "trade"}))
    exchange = MemoryExchange(clock, tuple(LISTED.values()), odd.balances, account=who)
    async with trading_world(tmp_path, exchange=exchange, clock=clock, risk=WIDE) as world:
        market, parents = Market(world, odd, draw), world.system.parents
        await world.system.follow(odd.instrument_id)
        await market.wander(2)
        for _ in range(8):
            await parents.run("market", {}, odd.params(OrderSide.BUY))
        for name, strategy in STRATEGIES.items():
            side = OrderSide.SELL if strategy.conditional or name == "exit" else OrderSide.BUY
            around = Soon(draw, market.bid, odd.instrument.tick, side)
            price = around.beyond("0.0001") if name in PRICED else None
            config, params = sample(name, around), odd.params(side, price, reduces=side is OrderSide.SELL)
            seen = await parents.preview(name, config, params)
            assert seen.expected_fees is not None
            assert 0 < seen.expected_fees / worth(odd, seen.mid_price) < D("0.002"), f"{name}: {seen}"
            assert (seen.expected_total is None) is (seen.expected_cost is None)
            await parents.start(name, config, params)
        await market.wander(SECONDS)
        for parent in parents.history():
            _check(world, odd, parent.parent_id)
        assert {each.parent.strategy for each in parents.history()} == set(STRATEGIES)
        await world.system.reconciler.run()
        assert audit(world.system.database, "main", world.system.ledger.instruments).findings == ()


def worth(odd: Odd, mid: Decimal | None) -> Decimal:
    """Of a parent, in what its costs are told in."""
    assert mid is not None
    instrument = odd.instrument
    return instrument.base_quantity(odd.size, mid) if instrument.inverse else instrument.notional(odd.size, mid)


def _check(world: TradingWorld, odd: Odd, parent_id: str) -> None:
    shown, instrument = world.system.parents.get(parent_id), odd.instrument
    parent, orders = shown.parent, world.system.parents.orders(parent_id)
    about = f"{parent.strategy} {parent.config}: {parent.status} {shown.filled_size} of {parent.size}, {parent.reason}"
    assert parent.status.terminal, about
    assert parent.status is not ParentStatus.FAILED, about
    assert 0 <= shown.filled_size <= parent.size, about
    assert sum((order.filled_size for order in orders), D(0)) == shown.filled_size, about
    assert (parent.status is ParentStatus.COMPLETED) <= (shown.filled_size == parent.size), about
    assert parent.reason, about
    for order in orders:
        assert order.settled, about
        assert instrument.size_refusals(order.size) == [], about
        assert order.price is None or instrument.price_refusals(order.price) == [], about
