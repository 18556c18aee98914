"""ExecutionRiskControl's own doors: signals, parameters, amendments by params; what a signal becomes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.holding_entries import post
from app.domain.holdings import Entry, EntryKind, book_of
from app.domain.instruments import Instrument
from app.domain.market import BookAction, BookUpdate
from app.domain.orders import OrderSide, OrderType, TradeMode
from app.domain.refusals import InvalidValue
from app.services.trading.holdings.signal_orders import signal_orders
from app.services.trading.risk_checks import CHECKS, PARAMETER_CHECKS
from app.services.trading.schemas import Account, CurrencyBalance
from app.strategies.signals import Signal, SignalType
from tests.unit.risk.world import BTC, INVERSE, LINEAR, D, World, names, params

BUY = Signal(
    type=SignalType.BUY, instrument_id="BTC-USDT", price=Decimal("50000"), size=Decimal("0.1"), confidence=0.85
)


def account(world: World, **changes: object) -> Account:
    return replace(world.risk.account(), **changes)  # type: ignore[arg-type]


def reasons(world: World, signal: Signal, given: Account | None = None) -> tuple[str, ...]:
    result = world.risk.pre_trade_check(signal, given or world.risk.account())
    assert result.passed is (not result.reasons)
    return tuple(reason.check for reason in result.reasons)


def test_the_specification_s_signal_passes() -> None:
    world = World()
    result = world.risk.pre_trade_check(BUY, world.risk.account())
    assert (result.passed, result.reasons) == (True, ())
    assert result.checked == tuple(check.NAME for check in CHECKS)


def test_hold_asks_for_nothing() -> None:
    assert reasons(World(), Signal(type=SignalType.HOLD, instrument_id="BTC-USDT")) == ()


def test_the_given_account_is_the_one_that_pays() -> None:
    world = World()
    poor = CurrencyBalance(currency="USDT", total=D(4_000), available=D(4_000))
    busy = CurrencyBalance(currency="USDT", total=D(100_000), available=D(4_000))
    assert reasons(world, BUY, account(world, balances={"USDT": poor})) == ("balance",)
    assert reasons(world, BUY, account(world, balances={"USDT": busy})) == ("balance",)
    assert reasons(world, BUY, account(world, balances={})) == ("balance",)
    assert reasons(world, BUY, account(world, equity=D(9_000))) == ("max_position_value", "max_daily_loss")
    assert reasons(world, BUY, account(world, day_start_equity=D(170_000))) == ("max_daily_loss",)
    assert reasons(world, BUY, account(world, id="b")) == ("account",)


def test_open_orders_are_always_the_ledger_s() -> None:
    world = World({"max_order_value": 100_000, "max_position_value_pct": 1})
    given = world.risk.account()
    world.place(world.approve(size="1.95"), unknown=True)
    assert reasons(world, BUY, given) == ("balance",)


def test_signals_that_cannot_become_orders() -> None:
    world = World()
    assert reasons(world, replace(BUY, instrument_id="NO-SUCH")) == ("input",)
    assert reasons(world, Signal(type=SignalType.CLOSE, instrument_id="BTC-USDT")) == ("input",)


# --- what a signal becomes ---


def test_a_signal_with_a_price_is_a_limit_order() -> None:
    world = World()
    (order,) = signal_orders(world.ledger, BUY, "s")
    assert order == params(BTC, size="0.1", strategy_id="s")
    (market,) = signal_orders(world.ledger, replace(BUY, type=SignalType.SELL, price=None))
    assert market == params(BTC, side="sell", order_type=OrderType.MARKET, size="0.1", price=None)
    (swap,) = signal_orders(world.ledger, replace(BUY, instrument_id="BTC-USDT-SWAP", size=D(3)))
    assert swap is not None
    assert (swap.trade_mode, swap.size, swap.reduce_only) == (TradeMode.CROSS, D(3), False)


def closing(world: World, instrument_id: str = "BTC-USDT", strategy: str | None = None, size: str | None = None):  # type: ignore[no-untyped-def]
    signal = Signal(type=SignalType.CLOSE, instrument_id=instrument_id, size=size and D(size))  # type: ignore[arg-type]
    return signal_orders(world.ledger, signal, strategy)[0]


def test_close_sells_what_is_there_and_not_what_was_bought() -> None:
    """A fee taken in base leaves less than the buys add up to (FAULTS D9)."""
    world = World()
    world.hold(BTC, "0.5")
    assert closing(world) == params(BTC, side="sell", order_type="market", size="0.5", price=None)
    assert closing(world, size="0.2").size == D("0.2")
    assert closing(world, size="7").size == D("0.5")
    world.ledger.balances["BTC"] = D("0.4995000001")
    assert closing(world).size == D("0.4995")


def test_close_counts_what_is_being_closed_already() -> None:
    world = World({"max_order_value": 100_000})
    world.hold(BTC, "0.5")
    world.place(world.approve(side="sell", size="0.3"), unknown=True)
    assert closing(world).size == D("0.2")
    world.place(world.approve(side="sell", size="0.2"), unknown=True)
    with pytest.raises(InvalidValue, match="too little of BTC-USDT is left to close: 0"):
        closing(world)


def test_close_of_a_swap_only_reduces() -> None:
    world = World()
    world.hold(LINEAR, "-3")
    order = closing(world, LINEAR.instrument_id)
    assert (order.side, order.size, order.reduce_only, order.trade_mode) == ("buy", D(3), True, "cross")
    assert world.risk.approve(order).result.passed


def test_close_of_a_strategy_is_its_own_share() -> None:
    world = World()
    world.hold(BTC, "0.5")
    mine = book_of("s")
    post(world.ledger.assets.held, [Entry("BTC", mine, mine, EntryKind.TRADE, D("0.2"), D(10_000), D(0), 1)])
    assert closing(world, strategy="s").size == D("0.2")
    with pytest.raises(InvalidValue, match="strategy other holds no position"):
        closing(world, strategy="other")


# --- parameters alone ---


def test_validate_order_params_needs_neither_account_nor_book() -> None:
    world = World()
    world.market.on_stream_down()
    world.ledger.balances.clear()
    world.kill()
    assert world.risk.validate_order_params(params()).passed
    result = world.risk.validate_order_params(params(size="11.000000001", price="50000.01"))
    assert [r.check for r in result.reasons] == ["lot_size", "tick_size", "max_order_size"]
    assert result.checked == tuple(check.NAME for check in PARAMETER_CHECKS)
    assert not world.risk.validate_order_params(params(BTC, instrument_id="NO-SUCH"))


# --- decisions ---


@pytest.mark.parametrize(
    ("side", "price", "reference"),
    [
        ("buy", "49000", "49000"),  # it cannot pay more
        ("buy", None, "52500"),  # the mid and all that it may deviate
        ("sell", "51000", "51000"),
        ("sell", "49000", "50000"),  # it trades at the market
        ("sell", None, "50000"),
    ],
)
def test_reference_prices(side: str, price: str | None, reference: str) -> None:
    decision = World().approve(side=side, price=price)
    assert (decision.result.passed, decision.reference_price) == (True, D(reference))


def test_a_market_order_with_a_price_is_checked_as_the_ioc_limit_that_goes_out() -> None:
    decision = World().approve(order_type="market", price="1")
    assert decision.candidate is not None
    assert (decision.candidate.order_type, decision.candidate.price) == (OrderType.IOC, D(1))
    assert names(decision) == ("max_price_deviation",)


def test_an_amendment_is_decided_for_the_order_as_it_would_be() -> None:
    world = World()
    order = world.place(world.approve())
    decision = world.risk.approve_amendment(order, D("0.15"), D(50_100))
    assert decision.candidate is not None
    assert (decision.candidate.size, decision.candidate.price) == (D("0.15"), D(50_100))
    assert decision.candidate.amending is order
    assert names(world.risk.approve_amendment(order, D("0.25"))) == ("max_order_value",)
    kept = world.risk.approve_amendment(order).candidate
    assert kept is not None
    assert (kept.size, kept.price, kept.amending) == (order.size, order.price, order)


def test_an_amendment_of_an_order_whose_instrument_is_gone_is_refused() -> None:
    world = World()
    order = world.place(world.approve())
    del world.ledger.instruments[BTC.instrument_id]
    decision = world.risk.approve_amendment(order, D("0.15"))
    assert (decision.candidate, decision.reference_price) == (None, None)
    assert [reason.field for reason in decision.result.reasons] == ["instrument_id"]


@pytest.mark.parametrize("instrument", [BTC, LINEAR, INVERSE], ids=lambda i: i.instrument_id)
@pytest.mark.parametrize(("side", "price"), [("buy", None), ("sell", None), ("buy", "49000"), ("sell", "49000")])
@pytest.mark.parametrize("limit", ["max_order_size", "max_order_value", "venue"])
def test_the_largest_order_passes_and_a_lot_more_does_not(
    instrument: Instrument, side: str, price: str | None, limit: str
) -> None:
    wide = {"max_order_value": "1e12", "max_order_size": "1e9"}
    narrow = {"max_order_value": "7777.77", "max_order_size": "0.123"}
    world = World(wide | {key: value for key, value in narrow.items() if key == limit})
    if limit == "venue":
        listed = replace(instrument, max_limit_size=3 * instrument.lot, max_market_size=2 * instrument.lot)
        world.ledger.instruments[instrument.instrument_id] = listed
    size = world.risk.largest_order(instrument.instrument_id, OrderSide(side), price and D(price))  # type: ignore[arg-type]
    name = {"venue": "maximum_size"}.get(limit, limit)
    assert size > 0
    assert name not in names(world.approve(instrument, side=side, price=price, size=size))
    assert name in names(world.approve(instrument, side=side, price=price, size=size + instrument.lot))


def test_there_is_no_largest_order_without_a_book() -> None:
    world = World()
    world.market.on_stream_down()
    assert world.risk.largest_order("BTC-USDT", OrderSide.SELL) == 0


def test_asking_changes_nothing() -> None:
    world = World()
    world.hold(LINEAR, "2")
    world.place(world.approve())
    before = (world.ledger.seq, dict(world.ledger.balances), repr(world.ledger.exposure), world.risk.account())
    for instrument in (BTC, LINEAR):
        world.approve(instrument)
        world.risk.validate_order_params(params(instrument))
    world.risk.pre_trade_check(BUY, world.risk.account())
    after = (world.ledger.seq, dict(world.ledger.balances), repr(world.ledger.exposure), world.risk.account())
    assert before == after


def test_the_first_piece_of_getting_out_is_what_the_book_holds_within_the_collar() -> None:
    world = World({"max_order_value": 1_000_000, "max_order_size": 100})
    bids = ((D(50000), D("0.5")), (D(47600), D("0.5")), (D(47400), D(9)))
    world.market.on_book(BookUpdate("BTC-USDT", BookAction.SNAPSHOT, bids, ((D(50002), D(5)),), world.clock.ns, 2))
    assert world.risk.first_piece(params(side="sell", price=None, size="0.5")).order_type is OrderType.MARKET
    piece = world.risk.first_piece(params(side="sell", price=None, size="3"))
    assert (piece.order_type, piece.size, piece.price) == (OrderType.IOC, D(1), D("47501"))
    assert world.risk.first_piece(params(side="sell", price=None, size="1")).size == 1


def test_the_first_piece_is_what_the_limits_of_one_order_allow() -> None:
    world = World({"max_order_value": 10_000, "max_order_size": 100})
    piece = world.risk.first_piece(params(side="sell", price=None, size="3"))
    assert (piece.order_type, piece.size) == (OrderType.IOC, D("0.2"))
    assert world.approve(size=piece.size, price=piece.price, order_type="ioc", side="sell").result


def test_without_a_book_it_is_the_whole_for_risk_to_refuse() -> None:
    world = World()
    world.clock.ns += 3_600_000_000_000
    whole = params(side="sell", price=None, size="3")
    assert world.risk.first_piece(whole) is whole
