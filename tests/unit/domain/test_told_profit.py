"""What a contract's fill realised is the exchange's figure; our own average decides only where none is told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from random import Random

import pytest

from app.domain.cash import cash_legs
from app.domain.instruments import Instrument
from app.domain.orders import Fill, OrderSide, PositionKey, TradeMode
from app.domain.positions import Position, fold_in, opened, refold, unrealised_pnl
from app.exchanges.memory.ledger import Holding
from tests.unit.domain.builders import INVERSE, LINEAR, D, fill

BUY, SELL = OrderSide.BUY, OrderSide.SELL
KEYS = {each.instrument_id: PositionKey(each.instrument_id, mode=TradeMode.CROSS) for each in (LINEAR, INVERSE)}


def told(instrument: Instrument, legs: list[tuple[OrderSide, str, str]]) -> list[Fill]:
    """Fills in the exchange's order with its profit, all of one moment and numbered the other way round, so that
    neither time nor trade id tells that order."""
    at_the_exchange = Holding(instrument)
    fills: list[Fill] = []
    for number, (side, size, price) in enumerate(legs):
        pnl = at_the_exchange.fill(side.sign * D(size), D(price))
        made = fill(1, size, price, side=side, instrument_id=instrument.instrument_id, fee=None, pnl=pnl)
        fills.append(replace(made, trade_id=str(99 - number)))
    return fills


def cash(instrument: Instrument, fills: list[Fill]) -> Decimal:
    """What the balance gets by fills in their order of arrival."""
    fold, total = opened(KEYS[instrument.instrument_id]), D(0)
    for one in fills:
        after = fold_in(fold, instrument, one)
        total += sum(cash_legs(instrument, one, fold.position, after.position).values(), D(0))
        fold = after
    return total


@pytest.mark.parametrize("instrument", [LINEAR, INVERSE])
@pytest.mark.parametrize(
    "legs",
    [
        [(BUY, "100", "50000"), (SELL, "100", "51000"), (BUY, "100", "50500")],
        [(BUY, "100", "50000"), (SELL, "100", "51000"), (SELL, "100", "52000")],
        [(SELL, "300", "50000"), (BUY, "100", "49000"), (BUY, "400", "50500")],
    ],
)
def test_fills_of_one_millisecond_in_any_order_give_the_exchanges_cash_and_cost(
    instrument: Instrument, legs: list[tuple[OrderSide, str, str]]
) -> None:
    fills = told(instrument, legs)
    at_the_exchange = Holding(instrument)
    profits = [at_the_exchange.fill(side.sign * D(size), D(price)) for side, size, price in legs]
    for arriving in permutations(fills):
        assert cash(instrument, list(arriving)) == sum(profits)
        position = refold(instrument, KEYS[instrument.instrument_id], arriving).position
        assert (position.size, position.realised_pnl) == (at_the_exchange.size, sum(profits))
        entry, theirs = position.entry_price(instrument), at_the_exchange.entry_price
        assert entry is not None
        assert theirs is not None
        assert abs(entry - theirs) < D("0.000001")


def test_our_own_average_would_have_led_to_an_unexplained_difference() -> None:
    fills = told(LINEAR, [(BUY, "1", "100"), (SELL, "1", "110"), (BUY, "1", "105")])
    untold = [replace(each, pnl=None) for each in fills]
    assert cash(LINEAR, fills) == D("0.1")
    assert cash(LINEAR, untold) != D("0.1")


@pytest.mark.parametrize("instrument", [LINEAR, INVERSE])
@pytest.mark.parametrize("seed", range(20))
def test_realised_and_unrealised_are_what_changed_hands(instrument: Instrument, seed: int) -> None:
    random = Random(seed)
    legs = [(random.choice((BUY, SELL)), str(random.randint(1, 9)), str(random.randint(90, 110))) for _ in range(30)]
    position = refold(instrument, KEYS[instrument.instrument_id], told(instrument, legs)).position
    value = instrument.contract_value
    worth = sum((-side.sign * D(size) * value * D(price) for side, size, price in legs), D(0))
    if instrument.inverse:
        worth = sum((side.sign * D(size) * value / D(price) for side, size, price in legs), D(0))
        worth -= position.size * value / D(100)
    else:
        worth += position.size * value * D(100)
    equity = position.realised_pnl + unrealised_pnl(position, instrument, D(100))
    assert abs(equity - worth) < D("0.0000001")


def test_the_rounding_of_a_flat_position_is_dropped_and_its_profit_stays() -> None:
    start = Position(LINEAR.instrument_id, size=D(10), cost=D("10.003"), mode=TradeMode.CROSS)
    fold = replace(opened(KEYS[LINEAR.instrument_id]), position=start, base=start)
    closing = fill(1, "10", "100", side=SELL, instrument_id=LINEAR.instrument_id, fee=None, pnl=D("0.001"))
    after = fold_in(fold, LINEAR, closing).position
    assert (after.size, after.cost, after.realised_pnl) == (0, 0, D("0.001"))
