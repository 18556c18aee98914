"""FAULTS B, and races of our own: what the life of an order may look like."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.orders import (
    Fill,
    Liquidity,
    OrderReport,
    OrderSide,
    OrderType,
    PositionKey,
    Source,
    TradeMode,
    VenueState,
)
from app.exchanges.port import Outcome, Stream, StreamState
from app.journal.audit import audit
from app.services.trading.schemas import OrderParams
from app.system import System
from tests.simulation.faults import Link
from tests.simulation.order_scenarios import (
    UNKNOWN,
    D,
    S,
    answer,
    events,
    hear,
    limit,
    lose,
    market,
    now,
    play,
    system,
    until,
)
from tests.simulation.world import BTC, SWAP, World


def test_B1_fill_before_ack(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        asking = asyncio.ensure_future(executor.executor.place_order(market()))
        real = executor.tracker.receive
        seen: list[S] = []

        def receive(report: OrderReport) -> None:
            real(report)
            seen.extend(order.status for order in executor.ledger.orders.values() if not order.request.external)

        executor.tracker.receive = receive  # type: ignore[method-assign]
        order = await asking
        assert seen[0] is S.FILLED, "the fill was booked before the reply came"
        assert (order.status, order.filled_size) == (S.FILLED, D("0.001"))
        assert not events(world, "anomaly")

    play(tmp_path, scenario)


def test_B2_repeated_and_stale_reports_change_nothing(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        told: list[OrderReport] = []
        real = executor.tracker.receive
        executor.tracker.receive = lambda report: (told.append(report), real(report))[1]  # type: ignore[method-assign]
        order = await executor.executor.place_order(limit("49990", "0.1"))
        world.exchange.set_book(BTC, D("49980"), D("49985"), D("0.04"))
        world.exchange.set_book(BTC, D("49980"), D("49985"), D("0.04"))
        await executor.executor.cancel_order(order.order_id)
        await asyncio.sleep(0.1)
        before = executor.ledger.orders[order.order_id]
        seq = executor.ledger.seq
        for report in (*told, *reversed(told), *(replace(r, venue_time_ns=r.venue_time_ns + 9) for r in told)):
            executor.tracker.receive(report)
        assert executor.ledger.seq <= seq + 1
        after = executor.ledger.orders[order.order_id]
        assert (after.status, after.fills, after.filled) == (before.status, before.fills, before.filled)
        assert after.status is S.CANCELED

    play(tmp_path, scenario)


def test_B3_a_cancel_that_comes_too_late_is_a_question(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        order = await executor.executor.place_order(limit("49990", "0.01"))
        lose(world)
        world.exchange.set_book(BTC, D("49980"), D("49985"), D(1))
        over = await executor.executor.cancel_order(order.order_id)
        hear(world)
        assert (over.status, over.filled_size, over.settled) == (S.FILLED, D("0.01"), True)

    play(tmp_path, scenario)


def test_B3_a_cancel_that_overtakes_its_order_is_repeated(tmp_path: Path) -> None:
    """The cancel reaches the venue before the order does: 51400, and then the order lives."""

    async def scenario(world: World, executor: System) -> None:
        answer(world, Outcome(UNKNOWN, code="timeout"), taken=True, late=2.0)
        asking = asyncio.ensure_future(executor.executor.place_order(limit()))
        await asyncio.sleep(0.5)
        (order,) = executor.ledger.open_orders()
        await executor.executor.cancel_order(order.order_id)
        await asking
        await asyncio.sleep(10)
        assert not world.exchange.venue.open, "the order outlived its cancel"

    play(tmp_path, scenario)


def test_B3_an_order_cancelled_before_it_is_sent_is_not_sent(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        asking = asyncio.ensure_future(executor.executor.place_order(limit()))
        await until(executor.ledger.open_orders)
        found = executor.ledger.open_orders()
        assert found[0].status is S.PENDING
        cancelling = asyncio.ensure_future(executor.executor.cancel_order(found[0].order_id))
        order = await asking
        await asyncio.wait([cancelling])
        assert order.status is S.DENIED or not world.exchange.venue.open
        await asyncio.sleep(8)
        assert not world.exchange.venue.open

    play(tmp_path, scenario)


def test_B4_partial_fill_then_cancel_with_the_last_fill_only_by_rest(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        order = await executor.executor.place_order(limit("49990", "0.1"))
        world.exchange.set_book(BTC, D("49980"), D("49985"), D("0.03"))
        await asyncio.sleep(0.1)
        world.exchange.drop_pushes = 1
        world.exchange.set_book(BTC, D("49980"), D("49985"), D("0.02"))
        over = await executor.executor.cancel_order(order.order_id)
        assert (over.status, over.filled_size, over.settled) == (S.CANCELED, D("0.05"), False)
        assert executor.ledger.exposure.size(PositionKey(BTC), OrderSide.BUY) == D("0.02"), (
            "held until the fill is in hand"
        )
        over = await executor.executor.wait_for(order.order_id, 5)
        assert len(executor.ledger.orders[order.order_id].fills) == 2

    play(tmp_path, scenario)


def test_B5_a_fill_after_the_cancel(tmp_path: Path) -> None:
    """Never refused: booked, told as an anomaly."""

    async def scenario(world: World, executor: System) -> None:
        order = await executor.executor.place_order(limit("49990", "0.1"))
        world.exchange.drop_pushes = 1
        world.exchange.set_book(BTC, D("49980"), D("49985"), D("0.03"))
        (report,) = [r for r in await world.exchange.fills(0) if r.fill]
        executor.tracker.receive(
            OrderReport(BTC, Source.STREAM, order.client_order_id, state=VenueState.CANCELED, filled=D(0))
        )
        assert (await now(world, order)).status is S.CANCELED
        executor.tracker.receive(replace(report, client_order_id=order.client_order_id))
        late = await now(world, order)
        assert (late.status, late.filled_size) == (S.CANCELED, D("0.03"))
        await asyncio.sleep(0.1)
        assert [row["payload"] for row in events(world, "anomaly") if "late_fill" in row["payload"]]

    play(tmp_path, scenario, settle=False)


@pytest.mark.parametrize("taken", [True, False])
def test_B6_an_amend_without_an_answer_is_settled_by_the_orders_terms(tmp_path: Path, taken: bool) -> None:
    async def scenario(world: World, executor: System) -> None:
        order = await executor.executor.place_order(limit("49000", "0.1"))
        lose(world)
        answer(world, Outcome(UNKNOWN), taken=taken)
        await executor.executor.modify_order(order.order_id, new_size=D("0.4"), new_price=D("49001"))
        assert executor.ledger.exposure.size(PositionKey(BTC), OrderSide.BUY) == D("0.4"), "the larger of both counts"
        await asyncio.sleep(20)
        known = executor.ledger.orders[order.order_id]
        assert known.amendments == ()
        assert (known.size, known.price) == ((D("0.4"), D(49001)) if taken else (D("0.1"), D(49000)))
        assert executor.ledger.exposure.size(PositionKey(BTC), OrderSide.BUY) == known.size
        hear(world)

    play(tmp_path, scenario)


def test_B7_filled_is_said_before_the_fills(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        real = executor.listener.on_order
        executor.listener.on_order = lambda report: real(replace(report, fill=None))  # type: ignore[method-assign]
        await asyncio.sleep(2)
        order = await executor.executor.place_order(market())
        await asyncio.sleep(0.2)
        waiting = await now(world, order)
        assert (waiting.status, waiting.settled) == (S.FILLED, False)
        over = await executor.executor.wait_for(order.order_id, 5)
        assert over.average_fill_price is not None

    play(tmp_path, scenario)


def test_B9_the_venue_cancels_by_itself(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        order = await executor.executor.place_order(limit())
        assert order.exchange_order_id is not None
        world.exchange.cancel_by_venue(order.exchange_order_id, "20")
        over = await executor.executor.wait_for(order.order_id, 1)
        assert over.status is S.CANCELED
        assert executor.ledger.orders[order.order_id].cancel_source == "20"

    play(tmp_path, scenario)


def test_B10_an_overfill_is_booked_and_stops_trading(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        order = await executor.executor.place_order(market())
        assert order.exchange_order_id is not None
        await executor.executor.wait_for(order.order_id, 1)
        more = Fill(BTC, "999", order.exchange_order_id, OrderSide.BUY, D(50000), D("0.001"), world.clock.now_ns())
        executor.tracker.receive(OrderReport(BTC, Source.STREAM, order.client_order_id, fill=more))
        await asyncio.sleep(0.1)
        assert executor.ledger.orders[order.order_id].filled == D("0.002")
        assert executor.ledger.kill_switch.engaged
        assert (await executor.executor.place_order(market())).status is S.DENIED

    play(tmp_path, scenario, settle=False)


def test_L4_five_hundred_cancels_are_on_the_wire_in_time(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        await asyncio.gather(*(executor.executor.place_order(limit(str(48000 + n), "0.001")) for n in range(500)))
        assert len(world.exchange.venue.open) == 500
        lose(world)
        began = world.loop.time()
        await executor.executor.engage_kill_switch("drill")
        hear(world)
        assert not world.exchange.venue.open
        assert world.loop.time() - began < 10
        await asyncio.sleep(60)
        await executor.executor.release_kill_switch("over")

    play(tmp_path, scenario)


def test_S11_the_kill_switch_between_commit_and_send(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        asking = asyncio.ensure_future(executor.executor.place_order(limit()))
        await until(executor.ledger.open_orders)
        killing = asyncio.ensure_future(executor.executor.engage_kill_switch("now"))
        order = await asking
        await killing
        assert order.status is S.DENIED or not world.exchange.venue.open
        await asyncio.sleep(8)
        assert not world.exchange.venue.open
        await executor.executor.release_kill_switch("over")

    play(tmp_path, scenario)


def test_R1_an_answer_to_an_order_that_left_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.trading.account.order_memory.SETTLED_KEPT", 2)

    async def scenario(world: World, executor: System) -> None:
        orders = await asyncio.gather(*(executor.executor.place_order(market()) for _ in range(30)))
        over = await asyncio.gather(*(executor.executor.wait_for(order.order_id, 5) for order in orders))
        assert {order.status for order in over} == {S.FILLED}
        assert executor.ledger.open_count == 0

    play(tmp_path, scenario)


def test_late_fill_of_a_position_that_remembers_less(tmp_path: Path) -> None:
    """After a restart every earlier fill needs the whole history; it is read while other fills go on."""

    async def scenario(world: World, executor: System) -> None:
        world.exchange.set_book(SWAP, D("49999.9"), D("50000.1"), D(1000))
        swap = OrderParams(
            instrument_id=SWAP,
            side=OrderSide.BUY,
            order_type=OrderType.MARKET,
            size=D(1),
            trade_mode=TradeMode.CROSS,
        )
        await asyncio.sleep(2)
        world.exchange.hold_pushes = True
        first = await executor.executor.place_order(swap)
        assert first.status is S.LIVE
        (held,) = world.exchange._pushes
        world.exchange._pushes.clear()
        world.exchange.release_pushes()
        await asyncio.sleep(0.1)
        await executor.executor.place_order(swap)
        await world.stop()
        hidden = world.exchange.venue.fills.popleft()
        assert hidden == held.fill
        await world.boot()
        trades = [system(world).executor.place_order(swap) for _ in range(5)]
        world.loop.call_later(0.1, system(world).tracker.receive, held)
        await asyncio.gather(*trades)
        world.exchange.venue.fills.appendleft(hidden)
        assert world.exchange.venue.ledger.holdings[PositionKey(SWAP, mode=TradeMode.CROSS)].size == D(7)

    play(tmp_path, scenario)


def test_a_late_fee_joins_the_fill_that_was_recorded(tmp_path: Path) -> None:
    """The fee comes after a restart, with another time than the push had: the fill keeps its place in the position."""

    async def scenario(world: World, executor: System) -> None:
        await asyncio.sleep(2)
        real = executor.listener.on_order

        def hear_of(report: OrderReport) -> None:
            fill = report.fill
            real(
                replace(report, fill=replace(fill, fee=None, fee_currency=""))
                if fill and fill.trade_id == "2"
                else report
            )

        executor.listener.on_order = hear_of  # type: ignore[method-assign]
        for side, price in ((OrderSide.BUY, 50000), (OrderSide.BUY, 50300), (OrderSide.SELL, 50900)):
            world.exchange.set_book(SWAP, D(price), D(price) + 1, D(1000))
            order = await executor.executor.place_order(
                OrderParams(
                    instrument_id=SWAP,
                    side=side,
                    order_type=OrderType.MARKET,
                    size=D(1),
                    trade_mode=TradeMode.CROSS,
                )
            )
            await executor.executor.wait_for(order.order_id, 1)
        await world.stop()
        real_fills = Link.fills

        async def later(self: Link, *given: Any, **named: Any) -> Any:
            return [
                replace(r, fill=replace(r.fill, time_ns=r.fill.time_ns + 10**10 * (r.fill.trade_id == "2")))
                for r in await real_fills(self, *given, **named)
            ]

        Link.fills = later  # type: ignore[method-assign]
        try:
            await world.boot()
        finally:
            Link.fills = real_fills  # type: ignore[method-assign]
        fold = system(world).ledger.fold(PositionKey(SWAP, mode=TradeMode.CROSS))
        assert fold.position.fee_value == sum(f.fee for f in world.exchange.venue.fills if f.fee), "all fees have come"

    play(tmp_path, scenario)


def test_P4_who_made_and_who_took_is_told_late(tmp_path: Path) -> None:
    """The push leaves it out, the list of fills has it: no finding of the audit."""

    async def scenario(world: World, executor: System) -> None:
        await asyncio.sleep(2)
        real = executor.listener.on_order
        executor.listener.on_order = lambda report: real(  # type: ignore[method-assign]
            replace(report, fill=report.fill and replace(report.fill, liquidity=None))
        )
        order = await executor.executor.place_order(market())
        await executor.executor.wait_for(order.order_id, 1)
        await asyncio.sleep(40)
        ((_, fill),) = executor.ledger.orders[order.order_id].fills.items()
        assert fill.liquidity is Liquidity.TAKER

    play(tmp_path, scenario)


def test_streams_that_stay_down_are_replaced_by_polling(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        order = await executor.executor.place_order(limit("49990", "0.01"))
        world.exchange.break_streams()
        world.exchange.set_book(BTC, D("49980"), D("49985"), D(1))
        await asyncio.sleep(5)
        assert (await now(world, order)).status is S.FILLED
        executor.listener.on_stream(Stream.EXECUTION, StreamState.DOWN, "again")
        world.exchange.restore_streams()

    play(tmp_path, scenario)


def test_a_spot_fee_told_late_leaves_the_strategys_holding(tmp_path: Path) -> None:
    """A fee in base is spent out of what was bought: CLOSE may not ask for more than is left."""

    async def scenario(world: World, executor: System) -> None:
        real = executor.listener.on_order
        told: list[OrderReport] = []

        def hear_of(report: OrderReport) -> None:
            if report.fill is None:
                real(report)
                return
            told.append(report)
            real(replace(report, fill=replace(report.fill, fee=None, fee_currency="")))

        executor.listener.on_order = hear_of  # type: ignore[method-assign]
        order = await executor.executor.place_order(market(), strategy_id="s")
        await executor.executor.wait_for(order.order_id, 1)
        assert executor.ledger.strategy_size("s", PositionKey(BTC)) == order.size
        real(told[0])
        await executor.ledger.writer.drain()
        fill = told[0].fill
        assert fill is not None
        assert fill.fee
        assert executor.ledger.strategy_size("s", PositionKey(BTC)) == order.size - fill.fee
        report = audit(executor.database, "main", executor.ledger.instruments)
        assert report.clean, report.findings

    play(tmp_path, scenario)
