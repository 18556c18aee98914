"""INVARIANTS S16: whose a fill is, and whether the opening holds it, hangs on no clock."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from app.cli import reconciling
from app.domain.instruments import SizeUnit
from app.domain.orders import OrderRequest, OrderSide, OrderStatus, OrderType, TradeMode
from app.exchanges.memory.exchange import MemoryExchange
from app.exchanges.port import BillKind
from app.services.trading.running.founding import Founding
from app.store import queries
from app.store.queries import TradeFilter
from tests.support.trading_world import BTC, SWAP, SteppedClock, TradingWorld, VirtualTimePolicy, limit, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

D = Decimal


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


def venue_with_a_clock_of_its_own() -> tuple[MemoryExchange, SteppedClock]:
    clock = SteppedClock(seed=7)
    venue = MemoryExchange(clock, balances={"USDT": D(100_000), "BTC": D(1)})
    for instrument_id in (BTC, SWAP):
        venue.set_book(instrument_id, D("49999.9"), D("50000.1"), D(5))
    return venue, clock


def by_hand(venue: MemoryExchange, clock: SteppedClock, size: str, price: str | None = None) -> None:
    """A buy of BTC that somebody else sends."""
    venue.venue.place(
        OrderRequest(
            order_id="",
            account="",
            client_order_id="",
            instrument_id=BTC,
            side=OrderSide.BUY,
            order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
            size=D(size),
            size_unit=SizeUnit.BASE,
            price=None if price is None else D(price),
            trade_mode=TradeMode.CASH,
            created_ns=clock.now_ns(),
        )
    )


def trades(world: TradingWorld) -> list[queries.Row]:
    found = queries.iter_trades(world.system.database, world.system.ledger.account, TradeFilter())
    return [row for rows in found for row in rows]


async def assert_agreed(world: TradingWorld) -> None:
    """Nothing differs, in the running system and by the command that compares a database with the exchange."""
    result = await world.system.reconciler.run()
    assert (result.balances, result.positions) == ((), ())
    ledger = world.system.ledger
    assert await reconciling.compared(world.exchange, world.system.database, ledger.account, 0) == []


@pytest.mark.parametrize("pushes", [True, False], ids=["told by pushes", "told by lists"])
@pytest.mark.parametrize("behind_seconds", [-1, -3, -4.5])
async def test_no_fill_of_ours_is_dropped_while_the_exchange_s_clock_is_behind_the_ledger_s_opening(
    tmp_path: Path, behind_seconds: float, pushes: bool
) -> None:
    venue, clock = venue_with_a_clock_of_its_own()
    async with trading_world(tmp_path, exchange=venue) as world:
        clock.ahead_seconds = behind_seconds
        venue.drop_pushes = 0 if pushes else 10_000
        for number in range(16):
            size, kind = (
                ("0.01", {"instrument_id": BTC}),
                ("1", {"instrument_id": SWAP, "trade_mode": TradeMode.CROSS}),
            )[number % 2]
            side = (OrderSide.BUY, OrderSide.BUY, OrderSide.SELL)[number % 3]
            params = limit("50001" if side is OrderSide.BUY else "49999", size, side, **kind)
            order = await world.executor.place_order(params)
            ended = await world.executor.wait_for(order.order_id, 60)
            assert ended.status is OrderStatus.FILLED, ended.error_message
        await asyncio.sleep(5)
        assert all(order.accounted == order.size for order in world.system.ledger.orders.values())
        await assert_agreed(world)


@pytest.mark.parametrize("step_seconds", [-4, 0, 4])
async def test_what_a_hand_traded_just_before_the_first_start_is_held_once_whatever_the_clocks_say(
    tmp_path: Path, step_seconds: float
) -> None:
    venue, clock = venue_with_a_clock_of_its_own()
    clock.ahead_seconds = max(step_seconds, 0)
    by_hand(venue, clock, "0.2")
    by_hand(venue, clock, "0.1", "49000")
    clock.ahead_seconds = min(step_seconds, 0)
    async with trading_world(tmp_path, exchange=venue) as world:
        await asyncio.sleep(65)
        assert [row["size"] for row in trades(world)] == []
        await assert_agreed(world)


@pytest.mark.parametrize("step_seconds", [-4, 0, 4])
async def test_what_a_hand_trades_just_after_the_first_start_counts_whatever_the_clocks_say(
    tmp_path: Path, step_seconds: float
) -> None:
    venue, clock = venue_with_a_clock_of_its_own()
    async with trading_world(tmp_path, exchange=venue) as world:
        clock.ahead_seconds = step_seconds
        by_hand(venue, clock, "0.2")
        await asyncio.sleep(65)
        assert [row["size"] for row in trades(world)] == [D("0.2")]
        await assert_agreed(world)


async def test_a_hand_s_resting_order_counts_from_the_opening_on_over_restarts(tmp_path: Path) -> None:
    """Partly filled before, more after; the exchange's clock steps back in between, and the system starts twice."""
    venue, clock = venue_with_a_clock_of_its_own()
    by_hand(venue, clock, "1", "48001")
    fall(venue, "0.3")
    for more in ("0.2", "0.1"):
        async with trading_world(tmp_path, exchange=venue) as world:
            clock.ahead_seconds = -4
            fall(venue, more)
            await asyncio.sleep(40)
            await assert_agreed(world)
            (order,) = world.system.ledger.open_orders()
            assert order.filled_before == D("0.3")
            booked = [row["size"] for row in trades(world)]
    assert booked == [D("0.2"), D("0.1")]


def fall(venue: MemoryExchange, size: str) -> None:
    """The market falls to 48,000 for a moment, where so much is offered."""
    venue.set_book(BTC, D("47999.9"), D("48000.1"), D(size))
    venue.set_book(BTC, D("49999.9"), D("50000.1"), D(5))


@pytest.mark.parametrize("who", ["the exchange", "the machine", "both"])
@pytest.mark.parametrize("ahead_seconds", [200, 3_600, 90_000])
async def test_what_came_while_nobody_ran_counts_though_a_clock_was_ahead_before(
    tmp_path: Path, who: str, ahead_seconds: int
) -> None:
    """A clock is ahead while the system runs, and right again when it starts anew: a hand's trade and a transfer of
    between are found."""
    venue, clock = venue_with_a_clock_of_its_own()
    machine = SteppedClock(seed=8)
    async with trading_world(tmp_path, exchange=venue, clock=machine):
        if who != "the machine":
            clock.ahead_seconds = ahead_seconds
        if who != "the exchange":
            machine.ahead_seconds = ahead_seconds
        await asyncio.sleep(65)
    clock.ahead_seconds = machine.ahead_seconds = 0
    await asyncio.sleep(20)
    by_hand(venue, clock, "0.2")
    venue.venue.move_cash(BillKind.TRANSFER, "USDT", D(5))
    await asyncio.sleep(20)
    async with trading_world(tmp_path, exchange=venue, clock=machine) as world:
        await asyncio.sleep(1)
        assert [row["size"] for row in trades(world)] == [D("0.2")]
        await assert_agreed(world)


@pytest.mark.parametrize("ahead_seconds", [200, 3_600])
async def test_what_a_hand_trades_after_a_first_start_by_a_clock_that_was_ahead(
    tmp_path: Path, ahead_seconds: int
) -> None:
    venue, clock = venue_with_a_clock_of_its_own()
    by_hand(venue, clock, "0.1")
    clock.ahead_seconds = ahead_seconds
    async with trading_world(tmp_path, exchange=venue) as world:
        clock.ahead_seconds = 0
        by_hand(venue, clock, "0.2")
        await asyncio.sleep(65)
        assert [row["size"] for row in trades(world)] == [D("0.2")]
        await assert_agreed(world)


@pytest.mark.parametrize("meanwhile", ["0.2", ""])
async def test_a_first_start_that_dies_once_the_account_is_founded_leaves_nothing_unexplained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    """What had filled before of a hand's resting order was told to the process that died."""
    venue, clock = venue_with_a_clock_of_its_own()
    by_hand(venue, clock, "1", "48001")
    fall(venue, "0.3")

    async def died(_: Founding) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(Founding, "take_older", died)
        with pytest.raises(SystemExit):
            await trading_world(tmp_path, exchange=venue).__aenter__()
    if meanwhile:
        fall(venue, meanwhile)
    async with trading_world(tmp_path, exchange=venue) as world:
        await asyncio.sleep(65)
        await assert_agreed(world)
        (order,) = world.system.ledger.open_orders()
        assert order.filled_before == D("0.3")
        assert [row["size"] for row in trades(world)] == ([D(meanwhile)] if meanwhile else [])
