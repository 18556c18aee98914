"""Every live, in-flight and unknown order counts as filled; no accepted sequence of orders breaks a limit (S11)."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.exposure import exposure_of, reservation
from app.domain.instruments import Instrument
from app.domain.order_changes import mark_never_accepted, mark_rejected, mark_unanswered, request_amend, settle_amend
from app.domain.orders import Amendment, AmendOutcome, Order, OrderSide, VenueState
from app.services.trading.risk_checks import max_position_value
from tests.unit.risk.world import BTC, ETH, ETHBTC, INVERSE, LINEAR, D, World, names, params

WIDE: dict[str, object] = {"max_order_value": "1e9", "max_order_size": 1000, "max_position_value_pct": 10}


# --- one by one ---


def test_unknown_orders_hold_money_until_evidence_ends_them() -> None:
    world = World(WIDE)
    orders = [world.place(world.approve(size="0.9"), unknown=True) for _ in range(2)]
    assert names(world.approve(size="0.20000001")) == ("balance",)
    world.put(mark_never_accepted(orders[0], "absent", world.clock.ns))
    assert names(world.approve(size="0.2")) == ()


@pytest.mark.parametrize("state", ["sent", "unknown", "live", "partly filled", "filled, fills to come", "canceling"])
def test_every_open_state_counts_in_full(state: str) -> None:
    """75,000 of position are allowed; 60,000 are bought by an order in each state."""
    world = World(WIDE | {"max_position_value_pct": 0.5})
    order = world.place(world.approve(size="1.2"), unknown=state == "unknown")
    if state == "live":
        world.report(order, world.said(order, VenueState.LIVE))
    elif state == "partly filled":
        world.fill(order, D("0.5"), D(50_000), "0")
    elif state == "filled, fills to come":
        world.report(order, world.said(order, VenueState.FILLED, filled=D("1.2")))
    elif state == "canceling":
        world.put(replace(world.ledger.orders[order.order_id], cancel_requested=True))
    assert names(world.approve(size="0.31")) == ("max_position_value",)
    assert names(world.approve(size="0.3")) == ()


def test_what_is_over_counts_no_more() -> None:
    world = World(WIDE | {"max_position_value_pct": 0.5, "require_positive_balance": False})
    for ending in ("canceled", "rejected"):
        order = world.place(world.approve(size="1.4"))
        assert names(world.approve(size="1.4")) == ("max_position_value",)
        if ending == "canceled":
            world.report(order, world.said(order, VenueState.CANCELED, filled=D(0)))
        else:
            world.put(mark_rejected(order, "51008", "no", None, world.clock.ns))
        assert names(world.approve(size="1.4")) == ()
    assert (world.ledger.exposure.sizes, world.ledger.exposure.spot_holds) == ({}, {})


def test_sells_hold_the_base_and_buys_the_quote() -> None:
    world = World(WIDE)
    world.place(world.approve(side="sell", size="0.7"))
    assert names(world.approve(side="sell", size="0.31")) == ("balance",)
    assert names(world.approve(side="sell", size="0.3")) == ()
    assert names(world.approve(size="1.99")) == ()


def test_one_currency_two_pairs() -> None:
    """Bitcoin pays for ETH-BTC buys and is what BTC-USDT sells."""
    world = World(WIDE)
    world.quote(ETHBTC, "0.05", "0.0002")
    world.place(world.approve(side="sell", size="0.9"))
    assert names(world.approve(ETHBTC, size="2.1", price="0.05")) == ("balance",)
    assert names(world.approve(ETHBTC, size="1.9", price="0.05")) == ()


def test_a_market_buy_holds_what_it_may_cost_at_worst() -> None:
    world = World(WIDE)
    decision = world.approve(price=None, size="0.1")
    assert decision.reference_price == D("52500.0")
    world.place(decision, unknown=True)
    assert world.ledger.exposure.hold("USDT") == D(5_250)


def test_both_sides_of_a_swap_bind_the_larger_margin_not_their_sum() -> None:
    world = World(WIDE)
    world.place(world.approve(LINEAR, size="150"))
    assert names(world.approve(LINEAR, side="sell", size="150")) == ()
    assert names(world.approve(LINEAR, size="50")) == ("balance",)


def test_a_swap_s_margin_is_not_free_for_spot() -> None:
    world = World(WIDE)
    world.hold(LINEAR, "100")
    assert names(world.approve(size="1.01")) == ("balance",)
    assert names(world.approve(size="0.99")) == ()


def test_a_reversal_counts_for_what_it_opens() -> None:
    world = World({"max_position_value_pct": 0.1, "max_order_value": 100_000})
    world.hold(LINEAR, "100")  # 50,000, far above what is allowed now
    assert names(world.approve(LINEAR, side="sell", size="100")) == ()
    assert names(world.approve(LINEAR, side="sell", size="130")) == ()
    assert names(world.approve(LINEAR, side="sell", size="131")) == ("max_position_value",)
    assert names(world.approve(LINEAR, size="1")) == ("max_position_value",)
    world.place(world.approve(LINEAR, side="sell", size="100"))
    assert names(world.approve(LINEAR, side="sell", size="31")) == ("max_position_value",)


def test_what_closes_may_be_below_the_minimum() -> None:
    world = World()
    world.hold(LINEAR, "0.05")
    assert names(world.approve(LINEAR, side="sell", size="0.05")) == ()
    assert names(world.approve(LINEAR, side="sell", size="0.04")) == ("min_order_size",)
    world.ledger.balances["BTC"] = D("0.0005")
    assert "min_order_size" not in names(world.approve(side="sell", size="0.0005"))
    assert "min_order_size" in names(world.approve(side="sell", size="0.0004"))


# --- amendments ---


def live(world: World, **changes: object) -> Order:
    order = world.place(world.approve(**changes))
    return world.report(order, world.said(order, VenueState.LIVE))


def amend(world: World, order: Order, size: str | None = None, price: str | None = None) -> tuple[str, ...]:
    return names(
        world.risk.approve_amendment(order, None if size is None else D(size), None if price is None else D(price))
    )


def test_an_amendment_counts_instead_of_its_order() -> None:
    world = World(WIDE)
    order = live(world, size="1.5")
    assert amend(world, order, size="1.9") == ()
    assert amend(world, order, size="2.1") == ("balance",)
    assert amend(world, order, price="52500") == ()
    assert amend(world, order, price="52600") == ("max_price_deviation",)
    assert amend(world, order, size="1.95", price="51500") == ("balance",)
    assert amend(world, order, size="1.50000000001") == ("lot_size",)


def test_an_amendment_on_its_way_counts_with_its_order() -> None:
    world = World(WIDE)
    order = live(world, size="1")
    pending = request_amend(order, Amendment("r1", D("1.9"), None, 1), 1)
    world.put(pending)
    assert names(world.approve(size="0.2")) == ("balance",)
    world.put(settle_amend(pending, "r1", AmendOutcome.FAILED, 2))
    assert names(world.approve(size="0.2")) == ()


def test_an_amendment_that_takes_less_passes_when_money_is_short() -> None:
    world = World(WIDE)
    order = live(world, size="1.9")
    world.ledger.balances["USDT"] = D(60_000)  # also a daily loss
    assert names(world.approve()) == ("balance", "max_daily_loss")
    assert amend(world, order, size="1") == ()
    assert amend(world, order, price="49000") == ()
    assert amend(world, order, size="1.91") == ("balance", "max_daily_loss")


def test_an_amendment_is_no_further_order_but_stops_at_the_kill_switch() -> None:
    world = World({"max_open_orders": 1})
    order = live(world)
    assert names(world.approve()) == ("max_open_orders",)
    assert amend(world, order, size="0.02") == ()
    world.kill()
    assert amend(world, order, size="0.02") == ("kill_switch",)


# --- the running sums ---

INSTRUMENTS: list[Instrument] = [BTC, ETH, ETHBTC, LINEAR, INVERSE]


def step(world: World, rng: random.Random, orders: list[Order]) -> None:
    """One thing that can happen to an order."""
    ns = world.clock.ns
    if not orders or rng.random() < 0.35:
        instrument = rng.choice(INSTRUMENTS)
        decision = world.risk.approve(
            params(
                instrument,
                side=rng.choice(list(OrderSide)),
                size=rng.randint(1, 900) * instrument.lot,
                price=rng.choice([None, rng.randint(1, 9_000) * instrument.tick]),
            )
        )
        forced = replace(decision, result=replace(decision.result, passed=True))
        orders.append(world.place(forced, unknown=rng.random() < 0.3))
        return
    order = world.ledger.orders[rng.choice(orders).order_id]
    match rng.randint(0, 6):
        case 0:
            world.report(order, world.said(order, VenueState.LIVE))
        case 1 if order.remaining > 0:
            world.fill(order, order.remaining * rng.choice([D("0.25"), D(1)]), order.price or D(7))
        case 2:
            world.report(order, world.said(order, VenueState.CANCELED, filled=order.filled_size))
        case 3:
            world.put(mark_unanswered(order, None, ns))
        case 4:
            amendment = Amendment(f"r{len(order.amendments)}", order.size * 2, order.price, ns)
            world.put(request_amend(order, amendment, ns))
        case 5 if order.amendments:
            outcome = rng.choice(list(AmendOutcome))
            world.put(settle_amend(order, order.amendments[0].request_id, outcome, ns))
        case _:
            told = order.filled_size + order.remaining / 2
            world.report(order, world.said(order, VenueState.PARTIALLY_FILLED, filled=told))


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_the_running_sums_equal_those_from_scratch(seed: int) -> None:
    rng, world, orders = random.Random(seed), World(), list[Order]()
    for _ in range(40):
        step(world, rng, orders)
        every = [
            (order, world.ledger.instruments[order.request.instrument_id]) for order in world.ledger.orders.values()
        ]
        assert world.ledger.exposure == exposure_of(every)
        for order, instrument in every:
            assert reservation(order, instrument).size == order.max_remaining


# --- the insider drill ---


def worst_fill(world: World, order: Order) -> Decimal:
    """The dearest price that the approval allowed for."""
    request = order.request
    worst = request.reference_price or request.price
    assert worst is not None
    return worst


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_no_accepted_sequence_of_orders_breaks_a_limit(seed: int) -> None:
    """Someone who wants to break the limits sends whatever passes, in any number, and then everything fills at the
    worst price that was allowed. The market stands still, so that only the orders can be to blame."""
    rng = random.Random(seed)
    world = World({"max_order_value": 30_000, "max_position_value_pct": 0.6, "max_order_size": 2})
    limits, accepted = world.risk.limits, list[Order]()
    for _ in range(60):
        instrument = rng.choice([BTC, LINEAR, INVERSE])
        size = {BTC: D("0.01"), LINEAR: D(1), INVERSE: D(5)}[instrument] * rng.randint(1, 120)
        price = rng.choice([None, D(50_000) + rng.randint(-30_000, 30_000) / D(10)])
        side = rng.choice(list(OrderSide))
        decision = world.risk.approve(params(instrument, side=side, size=size, price=price))
        if decision.result:
            order = world.place(decision, unknown=rng.random() < 0.5)
            accepted.append(order)
            value = instrument.notional(size, worst_fill(world, order))
            assert value <= limits.max_order_value
            assert instrument.base_quantity(size, D(50_000)) <= limits.max_order_size
        if accepted and rng.random() < 0.2:
            filled = world.ledger.orders[rng.choice(accepted).order_id]
            if filled.remaining:
                world.fill(filled, filled.remaining, worst_fill(world, filled))
    equity = world.risk.account().equity
    for order in accepted:
        order = world.ledger.orders[order.order_id]
        if order.remaining and rng.random() < 0.9:
            world.fill(order, order.remaining, worst_fill(world, order))
    assert accepted
    assert all(total >= 0 for total in world.ledger.balances.values()), world.ledger.balances
    for (instrument_id, *_), fold in world.ledger.folds.items():
        instrument = world.ledger.instruments[instrument_id]
        value = instrument.notional(abs(fold.position.size), D(50_000))
        if instrument is BTC and fold.position.size < 0:
            continue  # the bitcoin that was there before, sold
        # Equity shrinks by fees and by buying above the mid; it was larger when the order was let through.
        assert value <= limits.max_position_value_pct * max(equity, D(150_000)), instrument_id


def test_the_drill_is_not_blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the check the same sequence goes through: it is the check that holds, not the drill's own tameness."""
    world = World({"max_order_value": 30_000, "max_position_value_pct": 0.1})
    assert names(world.approve(size="0.5")) == ("max_position_value",)
    monkeypatch.setattr(max_position_value, "check", lambda *_: None)
    assert names(world.approve(size="0.5")) == ()
