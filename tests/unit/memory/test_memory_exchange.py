"""MemoryExchange's own ways: scripted answers, withheld and lost pushes, its money, and its memory's bound."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import SimulatedClock
from app.domain.orders import OrderSide, OrderType, VenueState
from app.exchanges.errors import ExchangeUnavailable
from app.exchanges.memory import MemoryExchange
from app.exchanges.memory.ledger import Holding, Ledger
from app.exchanges.port import CancelRequest, OutcomeKind, Stream, StreamState
from tests.contract.support.venues import SPOT, SWAP, Bench, MemoryVenueUnderTest, play

BUY, SELL = OrderSide.BUY, OrderSide.SELL


def memory(bench: Bench) -> MemoryExchange:
    assert isinstance(bench.exchange, MemoryExchange)
    return bench.exchange


@pytest.mark.parametrize("kind", list(OutcomeKind))
@pytest.mark.parametrize("taken", [True, False])
def test_scripted_answers_to_a_place(kind: OutcomeKind, taken: bool) -> None:
    async def scenario(bench: Bench) -> None:
        memory(bench).answer_next("place", kind, taken=taken, code="7", message="because")
        outcome = await bench.place("c1", BUY, OrderType.LIMIT, "0.01", "40000")
        assert (outcome.kind, outcome.code, outcome.message) == (kind, "7", "because")
        there = await bench.exchange.order(SPOT, client_order_id="c1") is not None
        assert there is (taken or kind is OutcomeKind.ACCEPTED)
        assert (await bench.place("c2", BUY, OrderType.LIMIT, "0.01", "40000")).kind is OutcomeKind.ACCEPTED

    play(MemoryVenueUnderTest, scenario)


def test_scripted_answers_to_amend_and_cancel() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.place("c1", BUY, OrderType.LIMIT, "0.01", "40000")
        memory(bench).answer_next("amend", OutcomeKind.UNKNOWN, taken=True)
        memory(bench).answer_next("cancel", OutcomeKind.UNKNOWN, taken=True)
        assert (await bench.amend("c1", "r1", size="0.02")).kind is OutcomeKind.UNKNOWN
        assert (await bench.exchange.cancel(CancelRequest(SPOT, "c1"))).kind is OutcomeKind.UNKNOWN
        found = await bench.exchange.order(SPOT, client_order_id="c1")
        assert found is not None
        assert (found.size, found.state) == (Decimal("0.02"), VenueState.CANCELED)

    play(MemoryVenueUnderTest, scenario)


def test_pushes_can_be_lost_and_held() -> None:
    async def scenario(bench: Bench) -> None:
        memory(bench).drop_pushes = 1
        await bench.place("c1", BUY, OrderType.MARKET, "0.01")
        assert bench.heard.of("c1") == []
        memory(bench).hold_pushes = True
        await bench.place("c2", BUY, OrderType.MARKET, "0.01")
        assert bench.heard.of("c2") == []
        memory(bench).release_pushes()
        await bench.settle()
        assert [report.state for report in bench.heard.of("c2")] == [VenueState.FILLED]

    play(MemoryVenueUnderTest, scenario)


def test_broken_streams_lose_pushes_and_say_so() -> None:
    async def scenario(bench: Bench) -> None:
        memory(bench).break_streams()
        await bench.place("c1", BUY, OrderType.MARKET, "0.01")
        memory(bench).restore_streams()
        await bench.settle()
        assert bench.heard.of("c1") == []
        assert bench.heard.streams[-4:] == [
            (Stream.EXECUTION, StreamState.DOWN),
            (Stream.MARKET, StreamState.DOWN),
            (Stream.EXECUTION, StreamState.UP),
            (Stream.MARKET, StreamState.UP),
        ]

    play(MemoryVenueUnderTest, scenario)


def test_reads_can_fail() -> None:
    async def scenario(bench: Bench) -> None:
        memory(bench).reads_fail_with = ExchangeUnavailable("away")
        with pytest.raises(ExchangeUnavailable):
            await bench.exchange.open_orders()
        memory(bench).reads_fail_with = None
        assert await bench.exchange.open_orders() == []

    play(MemoryVenueUnderTest, scenario)


def test_the_venue_cancels_by_itself() -> None:
    async def scenario(bench: Bench) -> None:
        outcome = await bench.place("c1", BUY, OrderType.LIMIT, "0.01", "40000")
        memory(bench).cancel_by_venue(outcome.venue_order_id, "32")
        await bench.settle()
        assert [(report.state, report.cancel_source) for report in bench.heard.of("c1")][-1] == (
            VenueState.CANCELED,
            "32",
        )

    play(MemoryVenueUnderTest, scenario)


def test_an_order_larger_than_the_touch_rests_with_its_remainder() -> None:
    async def scenario(bench: Bench) -> None:
        memory(bench).set_book(SPOT, Decimal(49_999), Decimal(50_000), Decimal("0.01"))
        await bench.place("c1", BUY, OrderType.LIMIT, "0.03", "50000")
        await bench.place("c2", BUY, OrderType.MARKET, "0.03")
        one, two = bench.heard.of("c1")[-1], bench.heard.of("c2")[-1]
        assert (one.state, one.filled) == (VenueState.PARTIALLY_FILLED, Decimal("0.01"))
        assert (two.state, two.filled) == (VenueState.CANCELED, Decimal("0.01"))

    play(MemoryVenueUnderTest, scenario)


def test_an_amend_down_to_what_has_filled_completes_the_order() -> None:
    async def scenario(bench: Bench) -> None:
        memory(bench).set_book(SPOT, Decimal(49_999), Decimal(50_000), Decimal("0.01"))
        await bench.place("c1", BUY, OrderType.LIMIT, "0.03", "50000")
        await bench.amend("c1", "r1", size="0.005")
        last = bench.heard.of("c1")[-1]
        assert (last.state, last.size, last.filled) == (VenueState.FILLED, Decimal("0.01"), Decimal("0.01"))
        assert memory(bench).venue.ledger.reserved["USDT"] == 0

    play(MemoryVenueUnderTest, scenario)


Side = st.sampled_from([BUY, SELL])
Act = st.tuples(
    st.sampled_from(["place", "cancel", "amend", "book"]),
    Side,
    st.sampled_from(list(OrderType)),
    st.integers(1, 30),
    st.integers(-3, 3),
)


@given(st.lists(Act, max_size=25))
def test_money_is_conserved_and_nothing_stays_reserved(acts: list[tuple[str, OrderSide, OrderType, int, int]]) -> None:
    async def scenario(bench: Bench) -> None:
        names: list[str] = []
        for number, (act, side, kind, lots, offset) in enumerate(acts):
            price = 50_000 + offset
            if act == "place":
                names.append(f"c{number}")
                limit = str(price) if kind.has_price else None
                await bench.place(names[-1], side, kind, str(Decimal(lots) / 1000), limit)
            elif act == "cancel" and names:
                await bench.exchange.cancel(CancelRequest(SPOT, names[lots % len(names)]))
            elif act == "amend" and names:
                await bench.amend(names[lots % len(names)], f"r{number}", size=str(Decimal(lots) / 1000))
            elif act == "book":
                memory(bench).set_book(SPOT, Decimal(price), Decimal(price + 1), Decimal(lots) / 1000)
        ledger = memory(bench).venue.ledger
        for report in await bench.exchange.open_orders():
            await bench.exchange.cancel(CancelRequest(SPOT, report.client_order_id))
        assert all(amount == 0 for amount in ledger.reserved.values())
        usdt, btc = Decimal(100_000), Decimal(2)
        for report in await bench.exchange.fills(0):
            fill = report.fill
            assert fill is not None
            assert fill.fee is not None
            btc += fill.side.sign * fill.size - (fill.fee if fill.fee_currency == "BTC" else 0)
            usdt -= fill.side.sign * fill.size * fill.price + (fill.fee if fill.fee_currency == "USDT" else 0)
        assert (ledger.total["USDT"], ledger.total["BTC"]) == (usdt, btc)

    play(MemoryVenueUnderTest, scenario)


@given(st.lists(st.tuples(st.integers(-20, 20).filter(bool), st.integers(90, 110)), max_size=30))
def test_contract_profit_is_the_value_that_changed_hands(fills: list[tuple[int, int]]) -> None:
    """Realised profit plus the open position at its entry equals minus what was paid, whatever the path."""
    instrument = {each.instrument_id: each for each in MemoryExchange(SimulatedClock()).venue.instruments.values()}[
        SWAP
    ]
    holding = Holding(instrument)
    realised, paid = Decimal(0), Decimal(0)
    for change, price in fills:
        realised += holding.fill(Decimal(change), Decimal(price))
        paid += Decimal(change) * price * instrument.contract_value
    held = holding.size * (holding.entry_price or Decimal(0)) * instrument.contract_value
    assert abs(realised - (held - paid)) < Decimal("1e-10")


def test_reserving_and_filling_leave_the_ledger_exact() -> None:
    ledger = Ledger({"USDT": Decimal(100)})
    ledger.reserve("USDT", Decimal(30))
    assert ledger.available("USDT") == 70
    ledger.reserve("USDT", Decimal(-30))
    assert ledger.balance("USDT", 0).available == 100


def test_orders_end_and_are_told_once() -> None:
    async def scenario(bench: Bench) -> None:
        for number in range(20):
            await bench.place(f"c{number}", BUY, OrderType.MARKET, "0.001")
        states = [report.state for report in bench.heard.orders]
        assert states == [VenueState.FILLED] * 20

    play(MemoryVenueUnderTest, scenario)
