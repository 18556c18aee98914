"""What every exchange must do alike, whatever stands behind it: the port's contract, on every venue we have."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TypeAlias

import pytest

from app.chosen_exchange import EXCHANGES
from app.domain.market import BookAction
from app.domain.order_changes import apply_report, mark_accepted, mark_unanswered, new_order
from app.domain.orders import (
    AmendOutcome,
    Liquidity,
    Order,
    OrderSide,
    OrderStatus,
    OrderType,
    PositionKey,
    PositionSide,
    TradeMode,
    VenueState,
)
from app.exchanges.errors import ExchangeError
from app.exchanges.port import BillKind, CancelRequest, OutcomeKind, Stream, StreamState
from tests.contract.support.venues import NS_PER_SECOND, SPOT, SWAP, VENUES, Bench, play

BUY, SELL = OrderSide.BUY, OrderSide.SELL
NET = PositionSide.NET
ACCEPTED, REJECTED, UNKNOWN = OutcomeKind.ACCEPTED, OutcomeKind.REJECTED, OutcomeKind.UNKNOWN

Play: TypeAlias = Callable[[Callable[[Bench], Awaitable[None]]], None]


@pytest.fixture(name="on_venue", params=sorted(VENUES))
def _on_venue(request: pytest.FixtureRequest) -> Play:
    return lambda scenario: play(VENUES[request.param], scenario)


def told(bench: Bench, client_order_id: str) -> Order:
    """The order as our own join of everything heard makes it; any anomaly fails the test."""
    order = mark_unanswered(new_order(bench.intents[client_order_id].request), 1, 1)
    for report in bench.heard.of(client_order_id):
        applied = apply_report(order, report, 2)
        assert applied.anomalies == ()
        order = applied.order
    return order


def test_every_registered_exchange_is_held_to_it() -> None:
    assert set(VENUES) == set(EXCHANGES)


def test_instruments_have_their_lattice(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        spot, swap = bench.instruments[SPOT], bench.instruments[SWAP]
        assert (spot.base, spot.quote, spot.tick, spot.lot) == ("BTC", "USDT", Decimal("0.1"), Decimal("0.00000001"))
        assert (swap.base, swap.settle, swap.contract_value, swap.inverse) == ("BTC", "USDT", Decimal("0.01"), False)

    on_venue(scenario)


def test_start_tells_that_both_streams_are_up(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        assert sorted(bench.heard.streams) == [(Stream.EXECUTION, StreamState.UP), (Stream.MARKET, StreamState.UP)]
        assert bench.heard.balances["USDT"].total == Decimal(100_000)

    on_venue(scenario)


def test_market_order_fills_and_every_source_agrees(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        started_ns = bench.clock.now_ns()
        outcome = await bench.place("m1", BUY, OrderType.MARKET, "0.01")
        assert (outcome.kind, bool(outcome.venue_order_id)) == (ACCEPTED, True)
        order = told(bench, "m1")
        assert (order.status, order.settled, order.venue_order_id) == (OrderStatus.FILLED, True, outcome.venue_order_id)
        assert order.average_price == Decimal("50000.2")
        asked = await bench.exchange.order(SPOT, client_order_id="m1")
        assert asked is not None
        assert (asked.state, asked.filled, asked.venue_order_id) == (
            VenueState.FILLED,
            Decimal("0.01"),
            outcome.venue_order_id,
        )
        fills = await bench.exchange.fills(started_ns, venue_order_id=outcome.venue_order_id)
        assert {fill.fill.key: fill.fill for fill in fills if fill.fill} == dict(order.fills)
        assert [each.client_order_id for each in await bench.exchange.order_history(started_ns)] == ["m1"]
        assert await bench.exchange.open_orders() == []

    on_venue(scenario)


def test_fees_are_positive_when_paid_and_spot_buys_pay_in_base(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        rates = await bench.exchange.fee_rates(SPOT)
        await bench.place("m1", BUY, OrderType.MARKET, "0.01")
        await bench.place("m2", SELL, OrderType.MARKET, "0.01")
        (bought,) = told(bench, "m1").fills.values()
        (sold,) = told(bench, "m2").fills.values()
        assert (bought.fee, bought.fee_currency) == (bought.size * rates.taker, "BTC")
        assert (sold.fee, sold.fee_currency) == (sold.size * sold.price * rates.taker, "USDT")
        assert bought.liquidity is sold.liquidity is Liquidity.TAKER
        balances = {balance.currency: balance for balance in await bench.exchange.balances()}
        assert balances["BTC"].total == 2 - bought.fee
        assert balances["USDT"].total == 100_000 - bought.size * bought.price + sold.size * sold.price - sold.fee
        heard = bench.heard.balances
        assert {name: heard[name].total for name in balances} == {name: each.total for name, each in balances.items()}

    on_venue(scenario)


def test_d13_bills_explain_what_no_fill_does(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        started_ns = bench.clock.now_ns()
        await bench.place("m1", BUY, OrderType.MARKET, "0.01")
        await bench.place("s1", SELL, OrderType.MARKET, "5", instrument_id=SWAP)
        assert await bench.exchange.bills(started_ns) == [], "executions are fills"
        before = {each.currency: each.total for each in await bench.exchange.balances()}
        bench.venue.pay_funding(Decimal("0.001"))
        await bench.settle()
        (bill,) = await bench.exchange.bills(started_ns)
        assert (bill.kind, bill.currency, bill.instrument_id) == (BillKind.FUNDING, "USDT", SWAP)
        assert bill.amount == Decimal(5) * Decimal("0.01") * Decimal(50_000) * Decimal("0.001"), "shorts receive"
        assert started_ns <= bill.time_ns <= bench.clock.now_ns()
        after = {each.currency: each.total for each in await bench.exchange.balances()}
        assert after == {**before, "USDT": before["USDT"] + bill.amount}
        assert bench.heard.balances["USDT"].total == after["USDT"], "the stream has told"
        bench.venue.pay_funding(Decimal("-0.001"))
        paid = await bench.exchange.bills(started_ns)
        assert [(each.amount, each.bill_id == bill.bill_id) for each in paid] == [
            (bill.amount, True),
            (-bill.amount, False),
        ]

    on_venue(scenario)


def test_limit_order_rests_reserves_and_is_canceled(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.place("l1", BUY, OrderType.LIMIT, "0.01", "40000")
        assert told(bench, "l1").status is OrderStatus.LIVE
        assert [report.client_order_id for report in await bench.exchange.open_orders()] == ["l1"]
        assert bench.heard.balances["USDT"].available == Decimal(99_600)
        outcome = await bench.exchange.cancel(CancelRequest(SPOT, client_order_id="l1"))
        await bench.settle()
        assert outcome.kind is ACCEPTED
        assert told(bench, "l1").status is OrderStatus.CANCELED
        assert await bench.exchange.open_orders() == []
        assert bench.heard.balances["USDT"].available == Decimal(100_000)

    on_venue(scenario)


def test_cancel_by_the_venue_s_id(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        placed = await bench.place("l1", SELL, OrderType.LIMIT, "0.01", "60000")
        outcome = await bench.exchange.cancel(CancelRequest(SPOT, venue_order_id=placed.venue_order_id))
        await bench.settle()
        assert outcome.kind is ACCEPTED
        assert told(bench, "l1").status is OrderStatus.CANCELED

    on_venue(scenario)


def test_resting_order_is_filled_as_maker_in_parts(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.place("l1", BUY, OrderType.LIMIT, "0.03", "50000")
        await bench.venue.trade_through(BUY, Decimal(50_000), Decimal("0.01"))
        await bench.settle()
        assert told(bench, "l1").status is OrderStatus.PARTIALLY_FILLED
        await bench.venue.trade_through(BUY, Decimal(50_000), Decimal("0.02"))
        await bench.settle()
        order = told(bench, "l1")
        assert (order.status, order.settled, order.average_price) == (OrderStatus.FILLED, True, Decimal(50_000))
        assert {fill.liquidity for fill in order.fills.values()} == {Liquidity.MAKER}
        assert sorted(fill.size for fill in order.fills.values()) == [Decimal("0.01"), Decimal("0.02")]

    on_venue(scenario)


def test_partly_filled_order_canceled_keeps_its_fills(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.place("l1", BUY, OrderType.LIMIT, "0.03", "50000")
        await bench.venue.trade_through(BUY, Decimal(50_000), Decimal("0.01"))
        await bench.settle()
        await bench.exchange.cancel(CancelRequest(SPOT, "l1"))
        await bench.settle()
        order = told(bench, "l1")
        assert (order.status, order.filled, order.settled) == (OrderStatus.CANCELED, Decimal("0.01"), True)

    on_venue(scenario)


@pytest.mark.parametrize(
    ("order_type", "price", "cancel_source"),
    [(OrderType.POST_ONLY, "50001", "31"), (OrderType.IOC, "49000", "14"), (OrderType.FOK, "49000", "13")],
)
def test_orders_that_may_not_rest_or_take_are_canceled_by_the_venue(
    on_venue: Play, order_type: OrderType, price: str, cancel_source: str
) -> None:
    async def scenario(bench: Bench) -> None:
        outcome = await bench.place("x1", BUY, order_type, "0.01", price)
        order = told(bench, "x1")
        assert (outcome.kind, order.status, order.cancel_source) == (ACCEPTED, OrderStatus.CANCELED, cancel_source)

    on_venue(scenario)


def test_amend_changes_size_and_price_and_names_its_request(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.place("l1", BUY, OrderType.LIMIT, "0.01", "40000")
        outcome = await bench.amend("l1", "r1", size="0.02", price="41000")
        assert outcome.kind is ACCEPTED
        settled = [
            (each.amend_request_id, each.amend_outcome) for each in bench.heard.of("l1") if each.amend_request_id
        ]
        assert settled == [("r1", AmendOutcome.DONE)]
        order = told(bench, "l1")
        assert (order.size, order.price, order.status) == (Decimal("0.02"), Decimal(41_000), OrderStatus.LIVE)

    on_venue(scenario)


def test_b3_cancel_of_a_filled_order_is_a_question(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.place("m1", BUY, OrderType.MARKET, "0.01")
        outcome = await bench.exchange.cancel(CancelRequest(SPOT, "m1"))
        assert (outcome.kind, outcome.code) == (REJECTED, "51400")
        asked = await bench.exchange.order(SPOT, client_order_id="m1")
        assert asked is not None
        assert asked.state is VenueState.FILLED

    on_venue(scenario)


def test_amend_of_a_finished_order_is_refused(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.place("m1", BUY, OrderType.LIMIT, "0.01", "50000.2")
        outcome = await bench.amend("m1", "r1", size="0.02")
        assert (outcome.kind, outcome.code) == (REJECTED, "51503")

    on_venue(scenario)


@pytest.mark.parametrize(
    ("size", "price", "codes"),
    [("100", "50000", {"51008"}), ("0.000000001", "50000", {"51121", "51020"})],
    ids=["no_money", "off_the_lot"],
)
def test_a_refused_order_is_rejected_and_never_heard_of(on_venue: Play, size: str, price: str, codes: set[str]) -> None:
    async def scenario(bench: Bench) -> None:
        outcome = await bench.place("bad", BUY, OrderType.LIMIT, size, price)
        assert outcome.kind is REJECTED
        assert outcome.code in codes
        assert bench.heard.of("bad") == []
        assert await bench.exchange.order(SPOT, client_order_id="bad") is None

    on_venue(scenario)


def test_an_order_that_arrives_after_its_expiry_is_rejected(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        late = bench.clock.now_ns() - NS_PER_SECOND
        outcome = await bench.place("late", BUY, OrderType.LIMIT, "0.01", "40000", expires_ns=late)
        assert outcome.kind is REJECTED
        assert outcome.code in {"50036", "50037"}

    on_venue(scenario)


def test_one_intent_one_send(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.place("l1", BUY, OrderType.LIMIT, "0.01", "40000")
        with pytest.raises(RuntimeError, match="l1"):
            await bench.exchange.submit(bench.intents["l1"])

    on_venue(scenario)


@pytest.mark.parametrize("taken", [True, False])
def test_an_unanswered_send_is_unknown_until_evidence(on_venue: Play, taken: bool) -> None:
    async def scenario(bench: Bench) -> None:
        bench.venue.next_place_is_unknown(taken=taken)
        outcome = await bench.place("u1", BUY, OrderType.LIMIT, "0.01", "40000")
        assert outcome.kind is UNKNOWN
        asked = await bench.exchange.order(SPOT, client_order_id="u1")
        assert (asked is not None) is taken
        again = await bench.place("u2", BUY, OrderType.LIMIT, "0.01", "40000")
        assert again.kind is ACCEPTED

    on_venue(scenario)


def test_a5_a_client_order_id_that_is_open_already_is_no_refusal(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.place("l1", BUY, OrderType.LIMIT, "0.01", "40000")
        del bench.intents["l1"]
        outcome = await bench.place("l1", BUY, OrderType.LIMIT, "0.01", "40000")
        assert (outcome.kind, outcome.code) == (UNKNOWN, "51016")

    on_venue(scenario)


def test_c1_what_happens_while_the_streams_are_down_is_found_by_reading(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        started_ns = bench.clock.now_ns()
        await bench.place("l1", BUY, OrderType.LIMIT, "0.01", "50000")
        bench.heard.streams.clear()
        bench.venue.break_streams()
        await bench.venue.trade_through(BUY, Decimal(50_000), Decimal("0.01"))
        await bench.venue.mend_streams()
        await bench.settle()
        assert sorted(bench.heard.streams) == sorted((s, state) for s in Stream for state in StreamState)
        assert bench.heard.streams[-1][1] is StreamState.UP
        fills = await bench.exchange.fills(started_ns)
        assert [report.fill.size for report in fills if report.fill] == [Decimal("0.01")]
        asked = await bench.exchange.order(SPOT, client_order_id="l1")
        assert asked is not None
        assert asked.state is VenueState.FILLED

    on_venue(scenario)


def test_swap_positions_are_signed_and_close_to_zero(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.place("s1", SELL, OrderType.MARKET, "2", instrument_id=SWAP)
        (position,) = await bench.exchange.positions()
        assert (position.instrument_id, position.size, position.entry_price) == (SWAP, -2, Decimal("49999.8"))
        assert bench.heard.positions[-1].size == -2
        (fill,) = told(bench, "s1").fills.values()
        assert fill.fee_currency == "USDT"
        assert fill.fee == fill.size * Decimal("0.01") * fill.price * (await bench.exchange.fee_rates(SWAP)).taker
        await bench.place("s2", BUY, OrderType.MARKET, "2", instrument_id=SWAP, reduce_only=True)
        assert [each for each in await bench.exchange.positions() if each.size] == []
        assert bench.heard.positions[-1].size == 0

    on_venue(scenario)


def test_following_an_instrument_brings_a_snapshot_once(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        await bench.exchange.follow(SPOT)
        await bench.exchange.follow(SPOT)
        await bench.settle()
        assert [update.action for update in bench.heard.books if update.action is not BookAction.UPDATE] == [
            BookAction.SNAPSHOT
        ]
        first = bench.heard.books[0]
        assert (max(first.bids)[0], min(first.asks)[0]) == (Decimal("49999.8"), Decimal("50000.2"))
        read = await bench.exchange.book(SPOT)
        assert (max(read.bids)[0], min(read.asks)[0]) == (Decimal("49999.8"), Decimal("50000.2"))
        ticker = await bench.exchange.ticker(SPOT)
        assert (ticker.bid, ticker.ask) == (Decimal("49999.8"), Decimal("50000.2"))

    on_venue(scenario)


def test_the_venue_s_clock_and_account_are_known(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        assert abs(bench.exchange.server_time_ns() - bench.clock.now_ns()) < NS_PER_SECOND // 100
        account = await bench.exchange.account_config()
        assert account.uid
        assert not account.hedged
        assert "trade" in account.permissions

    on_venue(scenario)


def test_b1_b2_reports_in_any_order_give_the_same_order(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        outcome = await bench.place("l1", BUY, OrderType.LIMIT, "0.03", "50000")
        await bench.venue.trade_through(BUY, Decimal(50_000), Decimal("0.01"))
        await bench.venue.trade_through(BUY, Decimal(50_000), Decimal("0.02"))
        await bench.settle()
        reports = bench.heard.of("l1")
        start = new_order(bench.intents["l1"].request)
        ends: set[tuple[object, ...]] = set()
        for sequence in (reports, reports[::-1], [*reports, *reports]):
            order = start
            for report in sequence:
                order = apply_report(order, report, 2).order
            order = mark_accepted(order, outcome.venue_order_id, 1, 3)
            ends.add((order.status, order.filled, order.cost, order.venue_order_id, frozenset(order.fills)))
        assert len(ends) == 1

    on_venue(scenario)


def test_isolated_beside_cross_are_two_positions_and_their_orders_say_so(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        started_ns = bench.clock.now_ns()
        await bench.place("c1", BUY, OrderType.MARKET, "3", instrument_id=SWAP)
        await bench.place("i1", SELL, OrderType.MARKET, "2", instrument_id=SWAP, trade_mode=TradeMode.ISOLATED)
        for name, mode in (("c1", TradeMode.CROSS), ("i1", TradeMode.ISOLATED)):
            assert {(each.trade_mode, each.position_side) for each in bench.heard.of(name)} == {(mode, NET)}
        asked = await bench.exchange.order(SWAP, client_order_id="i1")
        assert asked is not None
        assert (asked.trade_mode, asked.position_side) == (TradeMode.ISOLATED, NET)
        held = {position.key: position.size for position in await bench.exchange.positions()}
        assert held == {PositionKey(SWAP, NET, TradeMode.CROSS): 3, PositionKey(SWAP, NET, TradeMode.ISOLATED): -2}
        assert held.keys() <= {position.key for position in bench.heard.positions}
        wrong = await bench.place("x1", BUY, OrderType.MARKET, "9", instrument_id=SWAP, reduce_only=True)
        assert wrong.kind is REJECTED, "the cross position is long: a buy does not reduce it"
        await bench.place(
            "i2", BUY, OrderType.MARKET, "2", instrument_id=SWAP, trade_mode=TradeMode.ISOLATED, reduce_only=True
        )
        fills = {fill.fill.venue_order_id: fill.fill for fill in await bench.exchange.fills(started_ns) if fill.fill}
        closing = told(bench, "i2")
        pnl = fills[closing.venue_order_id].pnl
        opening = told(bench, "i1").average_price
        assert opening is not None
        assert closing.average_price is not None
        assert pnl == (opening - closing.average_price) * 2 * Decimal("0.01"), "what it realised is the fill's own"
        assert fills[told(bench, "c1").venue_order_id].pnl == 0

    on_venue(scenario)


def test_leverage_is_read_and_set_by_mode(on_venue: Play) -> None:
    async def scenario(bench: Bench) -> None:
        before = dict(await bench.exchange.leverage(SWAP, TradeMode.CROSS))
        assert await bench.exchange.set_leverage(SWAP, Decimal(4), TradeMode.ISOLATED, NET) == 4
        assert dict(await bench.exchange.leverage(SWAP, TradeMode.ISOLATED)) == {NET: Decimal(4)}
        assert dict(await bench.exchange.leverage(SWAP, TradeMode.CROSS)) == before
        with pytest.raises(ExchangeError):
            await bench.exchange.set_leverage(SWAP, Decimal(5_000), TradeMode.CROSS, NET)

    on_venue(scenario)
