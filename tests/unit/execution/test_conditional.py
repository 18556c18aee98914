"""Conditional orders as pure policies: what makes each fire, what does not, and what it then places (decision 0025)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.domain.market import PublicTrade
from app.domain.orders import OrderSide, OrderType
from app.domain.parents import Bounds, Held, ParentOrder, ParentStatus, Place, Progress, Remember, Step, Wait
from app.market_data.view import BookView, MarketView, VolumeBucket
from app.services.trading.execution_strategies import STRATEGIES, ExecutionStrategy
from tests.unit.execution.world import BTC, SECOND, START

D = Decimal
BUY, SELL = OrderSide.BUY, OrderSide.SELL
PEPE = replace(
    BTC, instrument_id="PEPE-USDT", base="PEPE", tick=D("1E-13"), lot=D(1000), min_size=D(1000)
)  # a price of 1e-9 in lots of a thousand


class Watched:
    """A conditional order that waits, at a market that is set by hand; `now` in seconds since it was placed."""

    def __init__(self, name: str, side: OrderSide, size: str = "1", price: str | None = None, **config: Any) -> None:
        self.instrument = config.pop("instrument", BTC)
        self.strategy: ExecutionStrategy = STRATEGIES[name](None, config)
        self.parent = ParentOrder(
            parent_id="P1",
            account="main",
            instrument_id=self.instrument.instrument_id,
            side=side,
            size=D(size),
            strategy=name,
            config=self.strategy.canonical_config,
            limit_price=None if price is None else D(price),
            start_ns=START,
            end_ns=self.strategy.end_ns(START),
            seed=0,
            created_ns=START,
            status=ParentStatus.RUNNING,
            status_ns=START,
            updated_ns=START,
        )
        self.now = 0.0
        self.bid, self.ask = D("50000"), D("50000.1")
        self.book_age = 0.0
        self.trades: list[tuple[float, Decimal]] = []

    def traded(self, *prices: str) -> Watched:
        """One trade after the other, now."""
        self.trades += [(self.now, D(price)) for price in prices]
        return self

    @property
    def now_ns(self) -> int:
        return START + int(self.now * SECOND)

    @property
    def market(self) -> MarketView:
        shown = D(10**9)
        confirmed_ns = self.now_ns - int(self.book_age * SECOND)
        book = BookView.of(
            self.instrument.instrument_id, (self.bid, shown), (self.ask, shown), received_ns=confirmed_ns
        )
        seconds: dict[int, VolumeBucket] = {}
        for at, price in self.trades:
            start = START + int(at) * SECOND
            known = seconds.get(start, VolumeBucket(start, D(0), D(0), D(0), 0, price, price))
            seconds[start] = replace(known, low=min(known.low, price), high=max(known.high, price))
        last = None
        if self.trades:
            at, price = self.trades[-1]
            venue_ns = START + int(at * SECOND)
            last = PublicTrade(self.instrument.instrument_id, "1", price, D(1), True, venue_ns)
        bids, asks = ((self.bid, shown),), ((self.ask, shown),)
        return MarketView(self.instrument.instrument_id, self.now_ns, book, last, bids, asks, tuple(seconds.values()))

    def step(self, held: str | None = None) -> Step:
        collar = self.bid * D("0.5") if self.parent.side is SELL else self.ask * 2
        bounds = Bounds(D(10**12), self.instrument.passive_price(collar, buying=self.parent.side is BUY))
        there = None if held is None else Held(D(10), D(held))
        progress = Progress(self.parent, self.instrument, held=there, bounds=bounds)
        return self.strategy.next_step(progress, self.market, self.now_ns)

    def follow(self) -> Step:
        """The next step that is not something to remember, which is done."""
        while isinstance(step := self.step(), Remember):
            self.parent = replace(self.parent, extreme=step.extreme, extreme_ns=step.extreme_ns)
        return step


def fires(step: Step) -> str:
    assert isinstance(step, Place), step
    assert step.order_type is OrderType.IOC
    return step.reason


def waits(step: Step) -> str:
    assert isinstance(step, Wait), step
    assert step.on_market
    return step.reason


# --- what makes it fire ---


@pytest.mark.parametrize("by", ["last", "book"])
@pytest.mark.parametrize(
    ("name", "side", "config", "before", "reached"),
    [
        ("stop", SELL, {"trigger_price": 49900}, "49900.1", "49900"),
        ("stop", BUY, {"trigger_price": 50100}, "50099.9", "50100"),
        ("take_profit", SELL, {"trigger_price": 50100}, "50099.9", "50100"),
        ("take_profit", BUY, {"trigger_price": 49900}, "49900.1", "49900"),
        ("oco", SELL, {"take_profit": 50100, "stop_loss": 49900}, "49900.1", "49900"),
        ("oco", SELL, {"take_profit": 50100, "stop_loss": 49900}, "50099.9", "50100"),
        ("oco", BUY, {"take_profit": 49900, "stop_loss": 50100}, "50099.9", "50100"),
        ("oco", BUY, {"take_profit": 49900, "stop_loss": 50100}, "49900.1", "49900"),
    ],
)
def test_it_fires_at_its_price_and_not_a_tick_before(
    name: str, side: OrderSide, config: dict[str, Any], before: str, reached: str, by: str
) -> None:
    order = Watched(name, side, trigger_by=by, **config)
    for price, found in ((before, waits), (reached, fires)):
        order.now += 5
        order.bid = order.ask = D(price)
        order.ask += D("0.1") if side is SELL else 0
        order.bid -= D("0.1") if side is BUY else 0
        order.traded(price)
        assert reached in found(order.step())


def test_a_wick_between_two_looks_fires_it() -> None:
    order = Watched("stop", SELL, trigger_price=49900)
    order.now = 5
    order.traded("50000", "49899", "50001")
    assert fires(order.step()) == "trigger_price 49900 was reached"


def test_what_traded_before_it_was_placed_or_changed_does_not() -> None:
    order = Watched("stop", SELL, trigger_price=49900)
    order.now = -5
    order.traded("49000")
    order.now = 5
    assert waits(order.step()) == "for trigger_price 49900; nobody trades"
    order.traded("49899")
    order.parent = replace(order.parent, status_ns=START + 6 * SECOND)  # amended, resumed
    order.now = 7
    order.traded("50000")
    assert waits(order.step()) == "for trigger_price 49900; last is 50000"


def test_a_book_that_cannot_be_used_neither_fires_it_nor_loses_the_trigger() -> None:
    for spoil in ({"book_age": 10.0}, {"bid": D("50001")}):
        order = Watched("stop", SELL, trigger_price=49900)
        order.now = 5
        order.traded("49899", "50000")
        good = {name: getattr(order, name) for name in spoil}
        for name, value in spoil.items():
            setattr(order, name, value)
        assert "no usable market" in waits(order.step())
        order.now = 60
        for name, value in good.items():
            setattr(order, name, value)
        assert "was reached" in fires(order.step())


def test_after_a_minute_it_fires_only_if_it_is_still_so() -> None:
    order = Watched("stop", SELL, trigger_price=49900)
    order.now, order.book_age = 5, 10
    order.traded("49899", "50000")
    order.now, order.book_age = 70, 0
    assert waits(order.step()) == "for trigger_price 49900; nobody trades"
    order.traded("49899.5")
    assert "was reached" in fires(order.step())


@pytest.mark.parametrize("spoil", [{"book_age": 10.0}, {"book_age": -10.0}, {"bid": D("50000.1")}])
def test_by_book_a_stale_or_crossed_one_says_nothing(spoil: dict[str, Any]) -> None:
    order = Watched("stop", BUY, trigger_price=50000, trigger_by="book")
    for name, value in spoil.items():
        setattr(order, name, value)
    assert "no usable market" in waits(order.step())


# --- what it then places ---


def test_a_gap_through_the_stop_is_crossed_at_the_market_as_it_is() -> None:
    order = Watched("stop", SELL, trigger_price=49900, max_slippage_pct="0.02")
    order.now, order.bid, order.ask = 5, D("40000"), D("40000.1")
    order.traded("40000")
    assert order.step() == Place(D(1), OrderType.IOC, D("39200"), "trigger_price 49900 was reached")


def test_with_a_price_it_rests_at_it() -> None:
    order = Watched("stop", SELL, price="49890", trigger_price=49900)
    order.now = 5
    order.traded("49900")
    assert order.step() == Place(D(1), OrderType.LIMIT, D("49890"), "trigger_price 49900 was reached")


def test_while_others_hold_what_is_there_it_watches_and_waits() -> None:
    order = Watched("stop", SELL, trigger_price=49900)
    order.now = 5
    order.traded("50000")
    assert waits(order.step(held="0")) == "for trigger_price 49900; last is 50000"
    order.traded("49900")
    assert "held by other open orders" in waits(order.step(held="0"))
    step = order.step(held="0.4")
    assert isinstance(step, Place)
    assert step.size == D("0.4")


def test_at_its_end_it_says_that_it_has_not_fired() -> None:
    order = Watched("stop", SELL, trigger_price=49900, timeout=30)
    order.now = 30
    step = order.step()
    assert str(step) == (
        "Done(status=<ParentStatus.PARTIAL_EXPIRED: 'partial_expired'>, "
        "reason='1 of 1 left at its end: it has not fired')"
    )


# --- trailing ---


def test_a_trailing_stop_follows_and_never_goes_back() -> None:
    order = Watched("trailing_stop", SELL, distance=100)
    order.now = 1
    order.traded("50000")
    assert waits(order.follow()).split(";")[0] == "for stop 49900"
    for second, price, stop in (
        (2, "50300", "50200"),
        (3, "50250", "50200"),
        (4, "50304", "50200"),
        (5, "50400", "50300"),
    ):
        order.now = second
        order.traded(price)
        assert waits(order.follow()).split(";")[0] == f"for stop {stop}"
    order.now = 6
    order.traded("50300")
    assert fires(order.follow()) == "stop 50300 was reached"


def test_a_trailing_buy_follows_down_by_a_part_of_the_price() -> None:
    order = Watched("trailing_stop", BUY, distance_pct="0.01")
    for second, price, stop in ((1, "50000", "50500"), (2, "40000", "40400")):
        order.now = second
        order.traded(price)
        assert waits(order.follow()).split(";")[0] == f"for stop {stop}"
    order.now = 3
    order.traded("40401")
    assert "was reached" in fires(order.follow())


def test_what_traded_before_the_best_price_does_not_fire_it() -> None:
    """Within one second it dips, above the stop that was in force, and then runs away; our clock is behind."""
    order = Watched("trailing_stop", SELL, distance=100)
    order.now = 1
    order.traded("50000")
    order.follow()
    order.now = 2.0
    order.traded("49950", "50400")
    order.now = 1.9
    assert waits(order.follow()).split(";")[0] == "for stop 50300"
    order.now = 2.5
    order.traded("50350")
    assert waits(order.follow()).split(";")[0] == "for stop 50300"


def test_what_comes_back_behind_a_best_price_that_was_not_written_down_fires_it() -> None:
    order = Watched("trailing_stop", SELL, distance=100)
    order.now = 1
    order.traded("50000")
    order.follow()
    order.now = 3
    order.traded("50400", "50290")
    assert fires(order.follow()) == "stop 50300 was reached"


@pytest.mark.parametrize(
    ("side", "config", "prices"),
    [
        (SELL, {"distance": 100}, ("50000", "49900")),
        (BUY, {"distance_pct": "0.01"}, ("50000", "50500")),
        (SELL, {"distance": 100, "activate_at": 50500}, ("50300", "50510", "50410")),
        (BUY, {"distance": 100, "activate_at": 49500}, ("49700", "49490", "49590")),
    ],
)
def test_what_comes_back_behind_the_first_price_before_anybody_looks_fires_it(
    side: OrderSide, config: dict[str, Any], prices: tuple[str, ...]
) -> None:
    """Nobody trades after that: there is no second chance to notice it."""
    order = Watched("trailing_stop", side, **config)
    order.now = 1
    order.traded(*prices)
    assert fires(order.follow()) == f"stop {prices[-1]} was reached"


@pytest.mark.parametrize("first", [(), ("50000",)])
def test_a_best_price_is_written_down_before_it_fires_on_the_way_back(first: tuple[str, ...]) -> None:
    """The order is not taken, or nothing may be sent: minutes later it fires from that best price still."""
    order = Watched("trailing_stop", SELL, distance=100)
    order.now = 1
    order.traded(*first)
    order.follow()
    order.now = 3
    order.traded("50400", "50290")
    assert isinstance(order.step(), Remember)
    fires(order.follow())
    order.now = 200
    order.traded("50299")
    assert fires(order.follow()) == "stop 50300 was reached"


@pytest.mark.parametrize("first", [(), ("50000",)])
def test_a_best_price_is_not_forgotten_while_there_is_no_market_to_trade_in(first: tuple[str, ...]) -> None:
    """It is behind the stop of that price, and behind no stop of the price that was written down before."""
    order = Watched("trailing_stop", SELL, distance=100)
    order.now = 1
    order.traded(*first)
    order.follow()
    order.now, order.book_age = 3, 10
    order.traded("50400", "50290")
    assert "no usable market" in waits(order.follow())
    order.now, order.book_age = 90, 0
    assert waits(order.follow()) == "for stop 50300; nobody trades"
    order.traded("50299")
    assert fires(order.follow()) == "stop 50300 was reached"


def test_a_trailing_stop_waits_to_be_activated() -> None:
    order = Watched("trailing_stop", SELL, distance=100, activate_at=50500)
    order.now = 1
    order.traded("50499.9")
    assert waits(order.follow()) == "for activate_at 50500; it is 50499.9"
    order.now = 2
    order.traded("50500")
    assert waits(order.follow()).split(";")[0] == "for stop 50400"


def test_a_price_of_a_billionth_in_lots_of_a_thousand() -> None:
    order = Watched("trailing_stop", SELL, "5000000", distance_pct="0.1", instrument=PEPE)
    order.bid, order.ask = D("0.0000000085"), D("0.0000000085001")
    for second, price in ((1, "0.0000000090"), (2, "0.0000000100")):
        order.now = second
        order.traded(price)
        order.follow()
    order.now = 3
    order.traded("0.0000000090")
    step = order.follow()
    assert isinstance(step, Place)
    assert (step.size, step.price) == (D(5_000_000), D("0.000000008415"))


# --- at the door ---


@pytest.mark.parametrize(
    ("name", "side", "config", "said"),
    [
        (
            "stop",
            SELL,
            {"trigger_price": 50000},
            "50000: is reached already: the market is at 49990, and must be above it",
        ),
        (
            "stop",
            BUY,
            {"trigger_price": 49990},
            "49990: is reached already: the market is at 49990, and must be below it",
        ),
        (
            "stop",
            SELL,
            {"trigger_price": 50000, "trigger_by": "book"},
            "trigger_price=50000: is reached already: the market is at 50000",
        ),
        ("take_profit", SELL, {"trigger_price": 49990}, "is reached already"),
        ("take_profit", BUY, {"trigger_price": 49990}, "is reached already"),
        ("oco", SELL, {"take_profit": 49000, "stop_loss": 48000}, "take_profit=49000: is reached already"),
        ("oco", SELL, {"take_profit": 52000, "stop_loss": 51000}, "stop_loss=51000: is reached already"),
        ("trailing_stop", SELL, {"distance": 49990}, "distance=49990: must be below the price, which is 49990"),
    ],
)
def test_what_is_reached_already_is_refused(name: str, side: OrderSide, config: dict[str, Any], said: str) -> None:
    order = Watched(name, side, **config)
    order.now = -5
    order.traded("49990")
    (refusal,) = order.strategy.market_refusals(Progress(order.parent, order.instrument), order.market)
    assert said in str(refusal)


@pytest.mark.parametrize(
    ("name", "price", "config", "said"),
    [
        ("stop", None, {}, "trigger_price=None: is needed: a stop waits for a price"),
        ("take_profit", None, {}, "trigger_price=None: is needed"),
        ("oco", None, {"take_profit": 1}, "stop_loss=None: is needed: for a take-profit alone there is take_profit"),
        ("oco", None, {"stop_loss": 1}, "take_profit=None: is needed: for a stop alone there is stop"),
        ("oco", "50000", {"take_profit": 1, "stop_loss": 1}, "price=50000: has no meaning for oco"),
        ("trailing_stop", None, {}, "distance=None: give either distance_pct or distance"),
        ("trailing_stop", None, {"distance": 1, "distance_pct": "0.1"}, "distance=1: give either"),
        ("trailing_stop", "50000", {"distance": 1}, "price=50000: has no meaning for trailing_stop"),
    ],
)
def test_what_is_missing_is_named(name: str, price: str | None, config: dict[str, Any], said: str) -> None:
    strategy = STRATEGIES[name](None, config)
    (refusal,) = strategy.refusals(D(1), None if price is None else D(price), BTC)
    assert said in str(refusal)
