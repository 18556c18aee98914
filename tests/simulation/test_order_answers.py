"""FAULTS A: the ambiguous outcome. What the venue did and what we were told are two things."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.domain.orders import OrderSide, OrderType, PositionKey
from app.exchanges.errors import ExchangeUnavailable
from app.exchanges.port import Outcome
from app.services.trading.schemas import OrderParams
from app.system import System
from tests.simulation.faults import Link
from tests.simulation.order_scenarios import (
    UNKNOWN,
    D,
    S,
    answer,
    hear,
    kill_at,
    limit,
    link,
    lose,
    market,
    now,
    play,
    system,
)
from tests.simulation.world import BTC, World

IOC = OrderParams(instrument_id=BTC, side=OrderSide.BUY, order_type=OrderType.IOC, size=D("0.1"), price=D("50010"))
A1 = {
    "timeout": Outcome(UNKNOWN, code="timeout"),
    "50004": Outcome(UNKNOWN, code="50004"),
    "51149": Outcome(UNKNOWN, code="51149"),
    "502": Outcome(UNKNOWN, code="502"),
    "connection closed": Outcome(UNKNOWN, code="ServerDisconnectedError"),
    "a bug of the adapter": ConnectionResetError("reset"),
}


@pytest.mark.parametrize("told", A1.values(), ids=A1.keys())
@pytest.mark.parametrize("params", [limit(), market(), IOC], ids=["rests", "fills", "fills in part"])
@pytest.mark.parametrize("pushed", [True, False], ids=["pushes come", "pushes are lost"])
def test_A1_the_venue_took_it_and_we_were_not_told(
    tmp_path: Path, told: Any, params: OrderParams, pushed: bool
) -> None:
    async def scenario(world: World, executor: System) -> None:
        world.exchange.set_book(BTC, D("49999.9"), D("50000.1"), D("0.05"))
        if not pushed:
            lose(world)
        answer(world, told, taken=True)
        order = await executor.executor.place_order(params)
        assert order.status in (S.UNKNOWN, S.LIVE, S.PARTIALLY_FILLED, S.FILLED, S.CANCELED)
        assert pushed or order.status is S.UNKNOWN
        await asyncio.sleep(3)
        hear(world)
        found = await now(world, order)
        assert found.status not in (S.UNKNOWN, S.REJECTED, S.NEVER_ACCEPTED)
        assert len(world.wire.places) == 1

    play(tmp_path, scenario)


@pytest.mark.parametrize("told", A1.values(), ids=A1.keys())
def test_A1_the_venue_never_got_it_and_we_were_not_told(tmp_path: Path, told: Any) -> None:
    async def scenario(world: World, executor: System) -> None:
        answer(world, told, taken=False)
        order = await executor.executor.place_order(limit())
        assert order.status is S.UNKNOWN
        await asyncio.sleep(6)
        assert (await now(world, order)).status is S.UNKNOWN, "silence before expTime decides nothing"
        await asyncio.sleep(10)
        assert (await now(world, order)).status is S.NEVER_ACCEPTED, "L2: decided by expTime + margin + lag"
        assert len(world.wire.places) == 1

    play(tmp_path, scenario)


def test_A1_the_request_arrives_after_our_timeout(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        answer(world, Outcome(UNKNOWN, code="timeout"), taken=True, late=4.5)
        order = await executor.executor.place_order(limit())
        assert order.status is S.UNKNOWN
        await asyncio.sleep(4)
        assert (await now(world, order)).status is S.LIVE

    play(tmp_path, scenario)


def test_A1_exposure_is_held_while_the_outcome_is_unknown(tmp_path: Path) -> None:
    async def scenario(world: World, executor: System) -> None:
        answer(world, Outcome(UNKNOWN), taken=False)
        await executor.executor.place_order(limit(size="0.1"))
        assert executor.ledger.exposure.size(PositionKey(BTC), OrderSide.BUY) == D("0.1")
        await asyncio.sleep(16)
        assert executor.ledger.exposure.size(PositionKey(BTC), OrderSide.BUY) == 0

    play(tmp_path, scenario)


def test_A1_an_unreachable_venue_decides_nothing(tmp_path: Path) -> None:
    """S5: time alone closes no order, however much of it passes."""

    async def scenario(world: World, executor: System) -> None:
        lose(world)
        answer(world, Outcome(UNKNOWN), taken=True)
        order = await executor.executor.place_order(limit())
        world.exchange.reads_fail_with = ExchangeUnavailable("maintenance")
        await asyncio.sleep(3600)
        assert (await now(world, order)).status is S.UNKNOWN
        world.exchange.reads_fail_with = None
        await asyncio.sleep(31)
        assert (await now(world, order)).status is S.LIVE
        hear(world)

    play(tmp_path, scenario)


def test_A1_news_that_come_while_absence_is_being_read_are_not_overruled(tmp_path: Path) -> None:
    """The last absent read is answered late; the order's own push comes first."""

    async def scenario(world: World, executor: System) -> None:
        world.exchange.hold_pushes = True
        answer(world, Outcome(UNKNOWN), taken=True)
        order = await executor.executor.place_order(limit())
        blind = True

        async def nothing(*_: Any, **__: Any) -> Any:
            await asyncio.sleep(0.3)
            if blind and world.loop.time() > 12.6:
                world.exchange.release_pushes()
            return None if blind else await Link.order(link(world), *_, **__)

        async def none(*_: Any, **__: Any) -> Any:
            return []

        the_link = link(world)
        the_link.order = nothing  # type: ignore[method-assign]
        the_link.open_orders = the_link.order_history = the_link.fills = none  # type: ignore[method-assign, assignment]
        await asyncio.sleep(20)
        assert (await now(world, order)).status is S.LIVE
        blind = False
        del the_link.open_orders, the_link.order_history, the_link.fills

    play(tmp_path, scenario)


def test_A3_who_asked_goes_away(tmp_path: Path) -> None:
    """The send and its outcome do not depend on the caller, at whatever await it is cancelled."""

    async def scenario(world: World, executor: System) -> None:
        for rounds in range(12):
            asking = asyncio.ensure_future(executor.executor.place_order(limit(size=f"0.{rounds + 1:03}")))
            for _ in range(rounds):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.wait([asking])
        await asyncio.sleep(1)
        placed = executor.orders.get_active_orders()
        assert {o.status for o in placed} == {S.LIVE}
        assert len(placed) == len(world.wire.places) >= 10
        amending = asyncio.ensure_future(executor.executor.modify_order(placed[0].order_id, new_size=D("0.5")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        amending.cancel()
        await asyncio.sleep(1)
        assert len(world.wire.amends) == 1
        assert (await now(world, placed[0])).size == D("0.5")

    play(tmp_path, scenario)


@pytest.mark.parametrize("boundary", ["before commit", "after commit", "on the wire", "after the answer"])
def test_A4_E1_the_process_is_killed_at_a_boundary(tmp_path: Path, boundary: str) -> None:
    async def scenario(world: World, executor: System) -> None:
        kill_at(world, boundary)
        world.client(executor.executor.place_order(limit(), idempotency_key="k"))
        await asyncio.sleep(2)
        await world.boot()
        await asyncio.sleep(16)
        at_venue = len(world.exchange.venue.open)
        assert at_venue == (1 if boundary in ("on the wire", "after the answer") else 0)
        known = system(world).orders.get_order_history().orders
        assert [o.status for o in known] == {
            "before commit": [],
            "after commit": [S.NEVER_ACCEPTED],
            "on the wire": [S.LIVE],
            "after the answer": [S.LIVE],
        }[boundary]
        assert len(world.wire.places) <= 1, "recovery never sends"

    play(tmp_path, scenario)


def test_A1_a_fill_that_is_listed_before_its_order_is_shown_is_not_adopted(tmp_path: Path) -> None:
    """Seed 67: the reply was lost, and the fills list names the venue's order id alone."""

    async def scenario(world: World, executor: System) -> None:
        lose(world)
        answer(world, Outcome(UNKNOWN), taken=True)
        order = await executor.executor.place_order(market())
        world.spawn(reveal(world, link(world)))
        executor.resyncs.ask("a gap")
        await asyncio.sleep(4)
        assert not [o for o in executor.ledger.orders.values() if o.request.external]
        await asyncio.sleep(12)
        hear(world)
        found = await now(world, order)
        assert (found.status, found.settled) == (S.FILLED, True)

    async def reveal(world: World, the_link: Link) -> None:
        async def none(*_: Any, **__: Any) -> Any:
            return []

        async def nothing(*_: Any, **__: Any) -> Any:
            return None

        the_link.order = nothing  # type: ignore[method-assign]
        the_link.open_orders = the_link.order_history = none  # type: ignore[method-assign]
        await asyncio.sleep(4.5)
        del the_link.order, the_link.open_orders, the_link.order_history

    play(tmp_path, scenario)
