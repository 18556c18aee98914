"""The adapter under the simulator's faults: whatever is injected, an answer is never a lie.

ACCEPTED orders are at the venue, REJECTED and NOT_SENT ones are not, and reading finds every fill.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from app.clock import NS_PER_SECOND, SimulatedClock
from app.domain.market import BookAction
from app.domain.orders import AmendOutcome, OrderSide, OrderType, PositionSide, TradeMode, VenueState
from app.exchanges.errors import ExchangeError
from app.exchanges.okx import OkxConfig, OkxExchange
from app.exchanges.okx.adapter import check_account
from app.exchanges.port import AccountConfig, CancelRequest, CommittedIntent, Outcome, OutcomeKind, Stream, StreamState
from app.simulator import Config
from tests.contract.support.venues import SPOT, SWAP, Bench, OkxVenueUnderTest, play
from tests.support.simulated_okx import MAIN, SimulatedVenue, okx_config
from tests.support.systems import in_virtual_time

BUY, SELL = OrderSide.BUY, OrderSide.SELL
ACCEPTED, REJECTED, UNKNOWN = OutcomeKind.ACCEPTED, OutcomeKind.REJECTED, OutcomeKind.UNKNOWN


def under(faults: Mapping[str, Any], scenario: Callable[[Bench, SimulatedVenue], Awaitable[None]]) -> None:
    """Play on a fresh simulator whose knobs are set once everything is up."""

    async def with_faults(bench: Bench) -> None:
        assert isinstance(bench.venue, OkxVenueUnderTest)
        bench.venue.venue.set_faults(faults)
        await scenario(bench, bench.venue.venue)

    play(OkxVenueUnderTest, with_faults)


@pytest.mark.parametrize(
    ("knob", "taken"),
    [
        ("drop_reply", True),
        ("drop_request", False),
        ("cut_after_accept", True),
        ("cut_before_accept", False),
        ("error_taken", True),
        ("error_not_taken", False),
    ],
)
@pytest.mark.parametrize("over_websocket", [True, False], ids=["websocket", "rest"])
def test_a1_the_same_symptom_with_the_order_taken_and_not(knob: str, taken: bool, over_websocket: bool) -> None:
    async def run() -> None:
        clock = SimulatedClock()
        venue = SimulatedVenue(clock)
        exchange = OkxExchange(okx_config(send_over_websocket=over_websocket), clock, venue.transport())
        bench = Bench(_Adapted(exchange, clock))
        await bench.open()
        venue.set_faults({knob: {"at": [1]}})
        outcome = await bench.place("u1", BUY, OrderType.MARKET, "0.01")
        assert outcome.kind is UNKNOWN
        asked = await exchange.order(SPOT, client_order_id="u1")
        fills = await exchange.fills(0)
        assert (asked is not None, len(fills)) == (taken, 1 if taken else 0)
        await exchange.stop()

    in_virtual_time(run())


class _Adapted(OkxVenueUnderTest):
    """A started adapter of the test's own making, where a Bench wants a venue."""

    def __init__(self, exchange: OkxExchange, clock: SimulatedClock) -> None:
        super().__init__()
        self.exchange = exchange
        self.clock = clock

    async def open(self) -> None:
        await self.exchange.start(self.heard)


def test_b1_pushes_before_the_reply() -> None:
    async def scenario(bench: Bench, venue: SimulatedVenue) -> None:
        outcome = await bench.place("c1", BUY, OrderType.MARKET, "0.01")
        assert outcome.kind is ACCEPTED
        assert {report.venue_order_id for report in bench.heard.of("c1")} == {outcome.venue_order_id}

    under({"push_before_ack": {"probability": 1}}, scenario)


def test_b2_duplicated_pushes_carry_one_fill() -> None:
    async def scenario(bench: Bench, venue: SimulatedVenue) -> None:
        await bench.place("c1", BUY, OrderType.MARKET, "0.01")
        fills = [report.fill for report in bench.heard.of("c1") if report.fill]
        assert len(fills) == 2
        assert len({fill.key for fill in fills}) == 1

    under({"duplicate_push": {"probability": 1}}, scenario)


@pytest.mark.parametrize("knob", ["terminal_before_fill", "empty_trade_id", "lost_push"])
def test_b7_b11_c1_a_fill_that_the_stream_does_not_bring_is_read(knob: str) -> None:
    async def scenario(bench: Bench, venue: SimulatedVenue) -> None:
        outcome = await bench.place("c1", BUY, OrderType.MARKET, "0.01")
        assert [report.fill for report in bench.heard.of("c1") if report.fill] == []
        (report,) = await bench.exchange.fills(0, venue_order_id=outcome.venue_order_id)
        assert report.fill is not None
        assert (report.fill.size, report.fill.fee, report.fill.fee_currency) == (
            Decimal("0.01"),
            Decimal("0.00001"),
            "BTC",
        )

    under({knob: {"probability": 1}}, scenario)


def test_b8_a_state_that_no_document_lists_is_kept() -> None:
    async def scenario(bench: Bench, venue: SimulatedVenue) -> None:
        await bench.place("c1", BUY, OrderType.LIMIT, "0.01", "40000")
        (report,) = bench.heard.of("c1")
        assert report.state is VenueState.OTHER
        assert '"state"' in report.raw
        assert bench.heard.gaps == []

    under({"unknown_enum": {"probability": 1}}, scenario)


@pytest.mark.parametrize(("value", "outcome"), [(None, AmendOutcome.FAILED), (1, AmendOutcome.CANCELED)])
def test_b6_an_amend_that_is_acknowledged_and_then_fails(value: int | None, outcome: AmendOutcome) -> None:
    async def scenario(bench: Bench, venue: SimulatedVenue) -> None:
        await bench.place("c1", BUY, OrderType.LIMIT, "0.01", "40000")
        assert (await bench.amend("c1", "r1", size="0.02")).kind is ACCEPTED
        results = {each.amend_outcome for each in bench.heard.of("c1") if each.amend_request_id == "r1"}
        assert results == {outcome}

    under({"amend_fails": {"probability": 1, "value": value}}, scenario)


def test_c6_a_withheld_book_update_is_noticed_and_mended() -> None:
    async def scenario(bench: Bench, venue: SimulatedVenue) -> None:
        await bench.exchange.follow(SPOT)
        await bench.settle()
        venue.set_faults({"seq_gap": {"at": [1], "times": 1}})
        for number in range(6):
            await bench.place(f"c{number}", BUY, OrderType.MARKET, "0.01")
        actions = [update.action for update in bench.heard.books]
        broken = actions.index(BookAction.INVALID)
        assert actions[broken + 1] is BookAction.SNAPSHOT
        assert actions.count(BookAction.INVALID) == 1

    under({}, scenario)


def test_c6_a_reset_of_the_sequence_is_no_gap() -> None:
    async def scenario(bench: Bench, venue: SimulatedVenue) -> None:
        await bench.exchange.follow(SPOT)
        await bench.settle()
        venue.set_faults({"seq_reset": {"at": [1], "times": 1}})
        for number in range(4):
            await bench.place(f"c{number}", BUY, OrderType.MARKET, "0.01")
        assert BookAction.INVALID not in [update.action for update in bench.heard.books]

    under({}, scenario)


def test_c3_a_dropped_subscription_takes_the_stream_down() -> None:
    async def scenario(bench: Bench, venue: SimulatedVenue) -> None:
        venue.set_faults({"count_error": {"at": [1], "times": 1}})
        bench.heard.streams.clear()
        venue.cut_all()
        await bench.clock.sleep(60)
        states = [state for stream, state in bench.heard.streams if stream is Stream.EXECUTION]
        assert states[0] is StreamState.DOWN
        assert states[-1] is StreamState.UP

    under({}, scenario)


def test_c4_an_upgrade_notice_costs_no_message() -> None:
    async def scenario(bench: Bench, venue: SimulatedVenue) -> None:
        bench.heard.streams.clear()
        for number in range(100):
            assert (await bench.place(f"c{number}", BUY, OrderType.LIMIT, "0.001", "40000")).kind is ACCEPTED
            await bench.exchange.cancel(CancelRequest(SPOT, f"c{number}"))
            await bench.clock.sleep(0.5)
        heard = {report.client_order_id for report in bench.heard.orders if report.state is VenueState.CANCELED}
        assert len(heard) == 100
        assert (Stream.EXECUTION, StreamState.DOWN) not in bench.heard.streams

    under({"upgrade_notice": {"probability": 0.02, "value": 10_000}}, scenario)


def test_d1_a_skewed_venue_clock_is_followed() -> None:
    async def run() -> None:
        clock = SimulatedClock()
        venue = SimulatedVenue(clock)
        venue.set_faults({"clock_skew": {"probability": 1, "value": 754_808}})
        exchange = OkxExchange(okx_config(), clock, venue.transport())
        bench = Bench(_Adapted(exchange, clock))
        await bench.open()
        assert abs(exchange.clock_offset_seconds() - Decimal("754.808")) < Decimal("0.01")
        expires_ns = exchange.server_time_ns() + 5 * NS_PER_SECOND
        outcome = await bench.place("c1", BUY, OrderType.LIMIT, "0.01", "40000", expires_ns=expires_ns)
        assert outcome.kind is ACCEPTED
        late = await bench.place("c2", BUY, OrderType.LIMIT, "0.01", "40000", expires_ns=clock.now_ns())
        assert (late.kind, late.code) in {(REJECTED, "50036"), (REJECTED, "50037")}
        await exchange.stop()

    in_virtual_time(run())


def test_d12_the_account_must_be_what_it_is_declared_to_be() -> None:
    async def run() -> None:
        clock = SimulatedClock()
        venue = SimulatedVenue(clock)
        exchange = OkxExchange(okx_config(expected_uid="1", expected_hedged=True), clock, venue.transport())
        with pytest.raises(ExchangeError, match=r"uid is \d+, declared is 1; position mode is net_mode"):
            await exchange.start(OkxVenueUnderTest().heard)

    in_virtual_time(run())


def test_a_key_that_may_withdraw_is_refused_unless_allowed() -> None:
    account = AccountConfig("1", "live", False, "2", frozenset({"read_only", "trade", "withdraw"}))
    with pytest.raises(ExchangeError, match="withdraw"):
        check_account(OkxConfig("k", "s", "p"), account)
    check_account(OkxConfig("k", "s", "p", withdraw_permission_allowed=True), account)


@pytest.mark.parametrize("profile", ["none", "ambiguous"])
def test_a7_a_burst_goes_in_batches_and_every_answer_agrees_with_the_venue(profile: str) -> None:
    async def scenario(bench: Bench, venue: SimulatedVenue) -> None:
        venue.set_faults({}, profile=profile)
        names = [f"b{number}" for number in range(220)]
        intents = [bench.intent(name, BUY, OrderType.LIMIT, "0.001", "40000") for name in names]
        outcomes = await asyncio.gather(*(bench.exchange.submit(intent) for intent in intents))
        wrote = [*venue.frames, *(target for _, target in venue.requests)]
        assert sum("batch-orders" in each for each in wrote) >= 2
        venue.set_faults({}, profile="none")
        await bench.clock.sleep(10)
        there = {row["clOrdId"] for row in venue.ledger()["orders"]}
        for name, outcome in zip(names, outcomes, strict=True):
            if outcome.kind is not UNKNOWN:
                assert (name in there) is (outcome.kind is ACCEPTED)
        if profile == "none":
            assert {outcome.kind for outcome in outcomes} == {ACCEPTED}
        open_now = [report.client_order_id for report in await bench.exchange.open_orders()]
        assert set(open_now) == there
        assert len(open_now) == len(there)
        canceled = await asyncio.gather(*(bench.exchange.cancel(CancelRequest(SPOT, name)) for name in there))
        assert {outcome.kind for outcome in canceled} == {ACCEPTED}
        assert await bench.exchange.open_orders() == []

    under({}, scenario)


@pytest.mark.parametrize("mode", [TradeMode.CROSS, TradeMode.ISOLATED])
def test_d12_long_and_short_are_kept_apart_in_hedged_mode(mode: TradeMode) -> None:
    async def run() -> None:
        clock = SimulatedClock()
        account = dataclasses.replace(MAIN, position_mode="long_short_mode")
        venue = SimulatedVenue(clock, Config(accounts=(account,), flow_rate=0.0))
        exchange = OkxExchange(okx_config(expected_hedged=True), clock, venue.transport())
        bench = Bench(_Adapted(exchange, clock))
        await bench.open()
        assert (await exchange.account_config()).hedged

        async def trade(name: str, side: OrderSide, position_side: PositionSide, size: str) -> None:
            intent = bench.intent(name, side, OrderType.MARKET, size, instrument_id=SWAP)
            request = dataclasses.replace(intent.request, position_side=position_side, trade_mode=mode)
            outcome = await exchange.submit(CommittedIntent(request, intent.instrument))
            assert outcome.kind is ACCEPTED, outcome
            await bench.settle()

        await trade("l", BUY, PositionSide.LONG, "3")
        await trade("s", SELL, PositionSide.SHORT, "2")
        await trade("c", SELL, PositionSide.LONG, "1")
        held = {position.position_side: position.size for position in await exchange.positions()}
        assert held == {PositionSide.LONG: Decimal(2), PositionSide.SHORT: Decimal(-2)}
        assert [report.fill.position_side for report in await exchange.fills(0) if report.fill] == [
            PositionSide.LONG,
            PositionSide.SHORT,
            PositionSide.LONG,
        ]
        await exchange.stop()

    in_virtual_time(run())


def test_leverage_is_read_and_set_and_the_dead_man_s_switch_cancels() -> None:
    async def scenario(bench: Bench, venue: SimulatedVenue) -> None:
        exchange = bench.exchange
        assert isinstance(exchange, OkxExchange)
        assert await exchange.set_leverage(SWAP, Decimal(5), TradeMode.CROSS) == 5
        assert await exchange.leverage(SWAP, TradeMode.CROSS) == {PositionSide.NET: Decimal(5)}
        await bench.place("c1", BUY, OrderType.LIMIT, "0.01", "40000")
        await exchange.cancel_all_after(10)
        await bench.clock.sleep(9)
        assert len(await exchange.open_orders()) == 1
        await bench.clock.sleep(5)
        assert await exchange.open_orders() == []
        assert bench.heard.of("c1")[-1].cancel_source == "20"
        with pytest.raises(ValueError, match="10 to 120"):
            await exchange.cancel_all_after(5)

    under({}, scenario)


@pytest.mark.parametrize("profile", ["lossy", "ambiguous", "streams", "reports", "chaos"])
def test_no_answer_is_ever_a_lie(profile: str, seed: int) -> None:
    """Some hundred orders of all kinds under a fault profile; then every answer is held against the venue's ledger."""

    async def scenario(bench: Bench) -> None:
        assert isinstance(bench.venue, OkxVenueUnderTest)
        venue = bench.venue.venue
        dice = random.Random(seed)
        venue.set_faults({}, profile=profile)
        await bench.exchange.follow(SPOT)
        answers: dict[str, Outcome] = {}
        for number in range(150):
            name = f"o{number}"
            kind = dice.choice(list(OrderType))
            price = None if kind is OrderType.MARKET else str(dice.choice([49_000, 49_999, 50_001, 51_000]))
            answers[name] = await bench.place(name, dice.choice([BUY, SELL]), kind, "0.001", price)
            if dice.random() < 0.3:
                await bench.exchange.cancel(CancelRequest(SPOT, dice.choice(list(answers))))
            if dice.random() < 0.1:
                await bench.amend(dice.choice(list(answers)), f"r{number}", size="0.002")
        await bench.clock.sleep(10)
        venue.set_faults({}, profile="none")
        await bench.clock.sleep(60)
        ledger = venue.ledger()
        at_venue = {row["clOrdId"]: row for row in ledger["orders"] if row["clOrdId"] in answers}
        for name, outcome in answers.items():
            if outcome.kind is ACCEPTED:
                assert at_venue[name]["ordId"] == outcome.venue_order_id
            elif outcome.kind is not UNKNOWN:
                assert name not in at_venue, (name, outcome)
        read = {report.fill.key for report in await bench.exchange.fills(0) if report.fill}
        assert read == {(row["tradeId"], row["ordId"]) for row in ledger["fills"]}
        open_now = {report.client_order_id for report in await bench.exchange.open_orders()}
        assert open_now == {row["clOrdId"] for row in ledger["orders"] if row["state"] in ("live", "partially_filled")}
        assert bench.heard.streams[-1][1] is StreamState.UP

    play(OkxVenueUnderTest, scenario)
