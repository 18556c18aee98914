"""FAULTS C and D: streams that break, reports that cannot be booked, what the venue shows and when."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import NS_PER_SECOND
from app.domain.instruments import SizeUnit
from app.domain.orders import (
    OrderReport,
    OrderRequest,
    OrderSide,
    OrderType,
    PositionKey,
    Source,
    TradeMode,
    VenueState,
)
from app.exchanges.errors import ExchangeUnavailable
from app.services.trading.schemas import OrderResponse
from app.services.trading.venue.listener import QUARANTINED_MAX
from app.system import System
from tests.simulation.faults import Link, never
from tests.simulation.order_scenarios import (
    D,
    S,
    beat,
    events,
    hear,
    limit,
    link,
    lose,
    market,
    now,
    play,
    system,
    until,
)
from tests.simulation.world import BTC, World, in_virtual_time
from tests.simulation.world_checks import check_end


def test_C1_what_happens_during_a_gap_is_known_before_orders_may_go(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        first = await executor.executor.place_order(limit("49990", "0.01"))
        second = await executor.executor.place_order(limit("48000", "0.01"))
        assert second.exchange_order_id is not None
        world.exchange.break_streams()
        assert (await executor.executor.place_order(limit())).status is S.DENIED
        world.exchange.set_book(BTC, D("49980"), D("49985"), D(1))
        world.exchange.cancel_by_venue(second.exchange_order_id)
        world.foreign_order()
        world.exchange.restore_streams()
        assert not executor.ready
        assert (await executor.executor.place_order(limit())).status is S.DENIED, "not before the comparison"
        await until(lambda: executor.ready, 0.05)
        assert (await now(world, first)).status is S.FILLED
        assert (await now(world, second)).status is S.CANCELED

    play(tmp_path, scenario)


def test_L1_a_missed_cancel_of_an_old_order_is_not_hidden_by_its_new_fills(tmp_path: Path) -> None:
    """Seed 1296: the history lists by creation, and the fill in the list of fills passed for news of its order."""

    async def scenario(world: World, executor: System) -> None:
        order = await executor.executor.place_order(limit("49990", "0.1"))
        await asyncio.sleep(600)
        world.exchange.set_book(BTC, D("49980"), D("49985"), D("0.01"))
        await asyncio.sleep(1)
        world.quote(BTC)
        lose(world)
        assert order.exchange_order_id is not None
        world.exchange.cancel_by_venue(order.exchange_order_id)
        await asyncio.sleep(35)
        found = await now(world, order)
        assert (found.status, found.filled_size) == (S.CANCELED, D("0.01")), "an audit later"
        hear(world)

    play(tmp_path, scenario)


def test_C1_a_break_during_the_comparison_keeps_the_gate_closed(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        world.exchange.break_streams()
        world.exchange.restore_streams()
        await asyncio.sleep(0.03)
        reads = 0
        real = Link.positions

        async def positions(self: Link) -> Any:
            nonlocal reads
            reads += 1
            if reads == 1:
                world.exchange.break_streams()
                world.exchange.restore_streams()
            return await real(self)

        Link.positions = positions  # type: ignore[method-assign]
        try:
            await until(lambda: reads >= 1 and executor.gate.breaks >= 4, 0.01)
            await asyncio.sleep(0.03)
            assert not executor.ready, "the first comparison did not see what was missed during it"
            await asyncio.sleep(2)
            assert executor.ready
            assert reads >= 2
        finally:
            Link.positions = real  # type: ignore[method-assign]

    play(tmp_path, scenario)


def test_C10_a_venue_that_is_not_understood_is_compared_now_and_then_and_the_last_time_too(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        await executor.executor.place_order(limit("48000", "0.01"))
        await asyncio.sleep(10)
        began = {"at": 0}
        compared: list[int] = []
        real = executor.session.reconcile

        async def reconcile() -> None:
            compared.append(world.clock.monotonic_ns() - began["at"])
            await real()

        executor.session.reconcile = reconcile  # type: ignore[method-assign]
        began["at"] = world.clock.monotonic_ns()
        for number in range(1_000):
            executor.listener.on_gap(f"orders: row {number} is not understood", "{}")
            await asyncio.sleep(0.02)
        last_ns = world.clock.monotonic_ns() - began["at"]
        await asyncio.sleep(10)
        assert compared[0] < NS_PER_SECOND, "the first one is not waited for"
        assert 4 <= len(compared) <= 7, "20 seconds of it"
        assert compared[-1] > last_ns - NS_PER_SECOND, "what came last is compared too"
        assert executor.ready
        assert len(events(world, "message.quarantined")) == QUARANTINED_MAX

    play(tmp_path, scenario, settle=False)


def test_C1_a_comparison_that_fails_is_tried_again(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        world.exchange.reads_fail_with = ExchangeUnavailable("down")
        world.exchange.break_streams()
        world.exchange.restore_streams()
        await asyncio.sleep(60)
        assert not executor.ready
        world.exchange.reads_fail_with = None
        await asyncio.sleep(15)
        assert executor.ready

    play(tmp_path, scenario)


def test_C8_more_reports_than_can_wait_stop_sending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.trading.order_tracker.LATE_REPORTS_MAX", 3)

    async def scenario(world: World, executor: System) -> None:
        for number in range(20):
            world.foreign_order(f"burst{number}")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not executor.ready
        await asyncio.sleep(5)
        assert executor.ready

    play(tmp_path, scenario)


def test_C10_one_poisoned_report_is_set_aside_and_the_next_one_booked(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        poison = OrderReport("NO-SUCH-THING", Source.STREAM, "x", "77", VenueState.LIVE, size=D(1), side=OrderSide.BUY)
        real = world.exchange.open_orders

        async def open_orders() -> Any:
            return [poison, *await real()]

        world.exchange.open_orders = open_orders  # type: ignore[method-assign]
        order = await executor.executor.place_order(market())
        executor.tracker.receive(poison)
        await executor.executor.wait_for(order.order_id, 1)
        await asyncio.sleep(100)
        assert executor.ready, "audits go on with the rest"
        assert len(events(world, "message.quarantined")) == 1, "once, though every audit lists it"
        await world.stop()
        await world.boot()
        assert system(world).ready

    play(tmp_path, scenario, settle=False)


def test_C10_a_callback_that_fails_or_hangs_delays_nobody(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        heard: list[S] = []

        async def hangs(order: OrderResponse) -> None:
            await never()

        def fails(order: OrderResponse) -> None:
            raise RuntimeError("a user's bug")

        async def hears(order: OrderResponse) -> None:
            heard.append(order.status)

        order = await executor.executor.place_order(limit("49990", "0.01"))
        for callback in (fails, hangs, hears):
            executor.tracker.start_tracking(order.order_id, callback)
        world.exchange.set_book(BTC, D("49980"), D("49985"), D(1))
        over = await executor.executor.wait_for(order.order_id, 0.1)
        assert over.status is S.FILLED
        await asyncio.sleep(6)
        assert heard == [S.FILLED]
        assert executor.tracker.tracked == 0, "R1: forgotten with its order"

    play(tmp_path, scenario)


def test_D5_an_accepted_order_that_is_not_shown_is_not_over(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        order = await executor.executor.place_order(limit())
        the_link = link(world)

        async def none(*_: Any, **__: Any) -> Any:
            return []

        async def nothing(*_: Any, **__: Any) -> Any:
            return None

        the_link.order = nothing  # type: ignore[method-assign]
        the_link.open_orders = the_link.order_history = none  # type: ignore[method-assign]
        await asyncio.sleep(600)
        assert (await now(world, order)).status is S.LIVE
        await executor.executor.cancel_order(order.order_id)
        del the_link.order, the_link.open_orders, the_link.order_history

    play(tmp_path, scenario)


def test_D5_a_cancelled_order_that_the_venue_has_forgotten_ends_after_two_hours(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        order = await executor.executor.place_order(limit())
        venue = world.exchange.venue
        lose(world)
        assert order.exchange_order_id is not None
        world.exchange.cancel_by_venue(order.exchange_order_id)
        purged = venue.finished.pop()
        venue._finished_by_client_id.clear()
        venue._finished_by_venue_id.clear()
        hear(world)
        await asyncio.sleep(7200 + 60)
        assert (await now(world, order)).status is S.CANCELED
        venue.finished.append(purged)

    play(tmp_path, scenario)


def test_D6_the_watermark_waits_for_what_could_not_be_booked(tmp_path: Path) -> None:
    """A fill of an order that the venue does not show yet: the comparison fails rather than pass it."""

    async def scenario(world: World, executor: System) -> None:
        world.exchange.break_streams()
        world.exchange.venue.ledger.changed.clear()
        world.foreign_order()
        while not world.exchange.venue.fills:
            world.foreign_order()
        mark = executor.ledger.watermarks["fills"]
        the_link = link(world)

        async def unreachable(*_: Any, **__: Any) -> Any:
            raise ExchangeUnavailable("GET order fails")

        async def none(*_: Any, **__: Any) -> Any:
            return []

        the_link.order = unreachable  # type: ignore[method-assign]
        the_link.open_orders = the_link.order_history = none  # type: ignore[method-assign]
        world.exchange.restore_streams()
        await asyncio.sleep(300)
        assert executor.ledger.watermarks["fills"] == mark
        assert not executor.ready
        del the_link.order, the_link.open_orders, the_link.order_history

    play(tmp_path, scenario)


def test_D15_what_others_do_on_the_account_is_booked_and_left_alone(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        for _ in range(12):
            world.foreign_order()
            world.quote(BTC, world.draw.randint(-20, 20))
            await asyncio.sleep(0.2)
        assert world.wire.cancels == []
        assert not executor.ledger.kill_switch.engaged
        assert {o.request.external for o in executor.ledger.orders.values()} == {True}

    play(tmp_path, scenario)


def test_D15_other_softwares_ids_may_come_again(tmp_path: Path) -> None:
    """FAULTS fact 1: once an order is over, its client order id is free."""

    async def scenario(world: World, executor: System) -> None:
        while sum(o.request.client_order_id == "manual" for o in world.exchange.venue.finished) < 4:
            if "manual" not in world.exchange.venue._open_by_client_id:
                world.foreign_order("manual")
            else:
                world.exchange.cancel_by_venue(next(iter(world.exchange.venue.open)))
            await asyncio.sleep(0.2)
        assert not events(world, "anomaly")

    play(tmp_path, scenario)


def foreign(world: World, size: Decimal, price: Decimal) -> OrderRequest:
    """A limit buy that somebody else places."""
    return OrderRequest(
        order_id="",
        account="",
        client_order_id="hand1",
        instrument_id=BTC,
        side=OrderSide.BUY,
        order_type=OrderType.LIMIT,
        size=size,
        size_unit=SizeUnit.BASE,
        price=price,
        trade_mode=TradeMode.CASH,
        created_ns=world.clock.now_ns(),
    )


@pytest.mark.parametrize("ends", [VenueState.FILLED, VenueState.CANCELED])
@pytest.mark.parametrize("told_by", ["record", "snapshot"])
def test_D15_a_foreign_order_that_was_partly_filled_before_the_first_start_settles(
    tmp_path: Path, ends: VenueState, told_by: str
) -> None:
    """What filled before is in the opening balances; only what fills from then on is booked."""

    async def scenario(world: World) -> None:
        venue = world.exchange.venue
        world.exchange.set_book(BTC, D("49999.9"), D("50000.1"), D("0.3"))
        venue.place(foreign(world, D(1), D("50001")))
        (at_venue,) = venue.open.values()
        assert at_venue.filled == D("0.3")
        world.exchange.set_book(BTC, D("50009.9"), D("50010.1"), D("0.2"))
        if told_by == "snapshot":
            venue.fills.clear()
        else:
            at_venue.updated_ns += 3700 * NS_PER_SECOND  # amended while the opening balances were read
        await asyncio.sleep(3600)
        world.spawn(beat(world))
        await world.boot()
        await asyncio.sleep(4)
        ledger = system(world).ledger
        (order,) = ledger.open_orders()
        assert (order.filled, order.filled_before, order.status) == (D(0), D("0.3"), S.PARTIALLY_FILLED)
        assert ledger.exposure.size(PositionKey(BTC), OrderSide.BUY) == D("0.7")
        world.exchange.set_book(BTC, D("49999.9"), D("50000.1"), D("0.2"))
        await asyncio.sleep(1)
        assert ledger.exposure.size(PositionKey(BTC), OrderSide.BUY) == D("0.5")
        await world.stop()
        await world.boot()
        ledger = system(world).ledger
        assert ledger.exposure.size(PositionKey(BTC), OrderSide.BUY) == D("0.5"), "it is durable"
        if ends is VenueState.FILLED:
            world.exchange.set_book(BTC, D("49999.9"), D("50000.1"), D(1))
        else:
            world.exchange.cancel_by_venue(order.venue_order_id)
        await asyncio.sleep(75)
        assert ledger.open_count == 0
        check_end(world)

    in_virtual_time(5, tmp_path / "world.db", scenario)


def test_D15_a_fill_from_before_the_first_start_that_is_told_late_is_not_booked(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        world.exchange.set_book(BTC, D("49999.9"), D("50000.1"), D(1))
        world.exchange.venue.place(foreign(world, D(1), D("50001")))
        (fill,) = world.exchange.venue.fills
        world.spawn(beat(world))
        await asyncio.sleep(1)
        await world.boot()
        late = OrderReport(BTC, Source.STREAM, "hand1", fill.venue_order_id, VenueState.FILLED, D(1), D(1), fill=fill)
        system(world).tracker.receive(replace(late, side=OrderSide.BUY, price=D("50001")))
        system(world).tracker.receive(OrderReport(BTC, Source.POLL, venue_order_id=fill.venue_order_id, fill=fill))
        await asyncio.sleep(75)
        (order,) = [o for o in system(world).ledger.orders.values() if o.request.external]
        assert (order.status, order.settled, order.filled, order.filled_before) == (S.FILLED, True, D(0), D(1))
        check_end(world)

    in_virtual_time(5, tmp_path / "world.db", scenario)


def test_D15_what_filled_just_before_the_first_start_is_not_booked_again(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        while len(world.exchange.venue.fills) < 5:
            world.foreign_order()
            await asyncio.sleep(1)
        world.spawn(beat(world))
        await world.boot()
        await asyncio.sleep(75)
        check_end(world)

    in_virtual_time(11, tmp_path / "world.db", scenario)
