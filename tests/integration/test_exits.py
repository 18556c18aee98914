"""Getting out: what is sold is what is there and what the book takes, piece by piece, and what is left is named.

Whole systems in virtual time over an exchange in memory.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.clock import SimulatedClock
from app.domain.orders import PositionKey, TradeMode
from app.domain.parents import ParentStatus
from app.domain.refusals import InvalidValue
from app.exchanges.memory.exchange import MemoryExchange
from app.exchanges.memory.instruments import DEFAULT_INSTRUMENTS
from app.exchanges.port import BillKind, CommittedIntent, Outcome, OutcomeKind
from app.journal.audit import audit
from app.models.trading import OrderSide, OrderStatus, OrderType
from app.services.trading import AmendRefused, OrderParams
from app.services.trading.errors import NotReady
from app.services.trading.schemas import ParentResponse
from app.strategies.signals import Signal, SignalType
from tests.support.trading_world import BTC, SWAP, D, TradingWorld, VirtualTimePolicy, limit, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")

WIDE = {"max_order_value": 1_000_000, "max_order_size": 100, "max_position_value_pct": 5}
SLICES = {"duration": 60, "num_slices": 6}


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[TradingWorld]:
    async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(1_000_000)}) as made:
        yield made


async def over(world: TradingWorld, parent_id: str, seconds: int = 600) -> ParentResponse:
    """The parent when it is over."""
    parent = world.system.parents.get(parent_id)
    for _ in range(seconds):
        if parent.status.terminal:
            return parent
        await world.clock.sleep(1)
        parent = world.system.parents.get(parent_id)
    raise AssertionError(f"parent {parent_id} is still {parent.status}: {parent.waiting_for}")


class TestWhatIsThere:
    """A parent sells what is there, and ends completed with the difference named."""

    async def test_the_fee_was_taken_in_base(self, world: TradingWorld) -> None:
        await world.buy("0.1")  # 0.0999 arrive
        started = await world.system.parents.start("twap", SLICES, market(OrderSide.SELL, "0.1"))
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0999"))
        assert ended.reason == "0.0999 of 0.1: the rest was not there any more (0 is left)"
        assert world.system.ledger.balances["BTC"] == 0

    async def test_a_part_was_sold_by_hand_meanwhile(self, world: TradingWorld) -> None:
        await world.buy("0.1")
        started = await world.system.parents.start("twap", SLICES, market(OrderSide.SELL, "0.0999"))
        await world.clock.sleep(15)
        await world.sell("0.05")
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0499"))

    async def test_a_part_was_transferred_out_meanwhile(self, world: TradingWorld) -> None:
        await world.buy("0.1")
        started = await world.system.parents.start("twap", SLICES, market(OrderSide.SELL, "0.0999"))
        await world.clock.sleep(15)
        world.exchange.venue.move_cash(BillKind.TRANSFER, "BTC", D("-0.03"))
        await world.system.reconciler.run()
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0699"))

    async def test_what_is_too_small_for_an_order_is_named(self, world: TradingWorld) -> None:
        await world.buy("0.1")
        started = await world.system.parents.start("market", {}, market(OrderSide.SELL, "0.11"))
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0999"))

    async def test_a_contract_that_only_reduces(self, world: TradingWorld) -> None:
        await world.buy("5", instrument_id=SWAP, trade_mode="cross")
        reducing = market(OrderSide.SELL, "5", instrument_id=SWAP, trade_mode="cross", reduce_only=True)
        started = await world.system.parents.start("twap", SLICES, reducing)
        await world.clock.sleep(15)
        await world.sell("2", instrument_id=SWAP, trade_mode="cross")
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D(3))
        assert world.positions.get_all_positions() == []

    async def test_what_other_orders_hold_is_waited_for(self, world: TradingWorld) -> None:
        await world.buy("0.1")
        resting = await world.executor.place_order(limit("52000", "0.0999", OrderSide.SELL))
        started = await world.system.parents.start("twap", SLICES, market(OrderSide.SELL, "0.0999"))
        await world.clock.sleep(5)
        now = world.system.parents.get(started.parent_id)
        assert (now.status, now.waiting_for) == (
            ParentStatus.RUNNING, "what is there is held by other open orders",
        )  # fmt: skip
        await world.executor.cancel_order(resting.order_id)
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0999"))

    async def test_what_other_orders_hold_to_the_end_is_left(self, world: TradingWorld) -> None:
        await world.buy("0.1")
        await world.executor.place_order(limit("52000", "0.0999", OrderSide.SELL))
        started = await world.system.parents.start("twap", SLICES, market(OrderSide.SELL, "0.0999"))
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.PARTIAL_EXPIRED, D(0))

    async def test_nothing_at_all_is_there(self, world: TradingWorld) -> None:
        started = await world.system.parents.start("market", {}, market(OrderSide.SELL, "0.1"))
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.reason) == (
            ParentStatus.FAILED, "0 of 0.1: the rest was not there any more (0 is left)",
        )  # fmt: skip

    async def test_what_is_just_arriving_is_waited_for(self, world: TradingWorld) -> None:
        started = await world.system.parents.start("market", {}, market(OrderSide.SELL, "0.0999"))
        await world.clock.sleep(1)
        await world.buy("0.1")
        ended = await over(world, started.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.0999"))


async def held(world: TradingWorld, size: str, **terms: Any) -> None:
    """Buy so much in parts that any book takes."""
    left = D(size)
    while left:
        part = min(left, D(4))
        bought = await world.buy(str(part), **terms)
        assert bought.reasons == ()
        left -= part


def dry_up_after_one(world: TradingWorld) -> None:
    """Once the next order has arrived nobody buys any more, and no quotes come."""
    submit = world.exchange.submit

    async def last(intent: CommittedIntent) -> Outcome:
        outcome = await submit(intent)
        world.quotes.clear()
        world.exchange.venue.quotes.clear()
        return outcome

    world.exchange.submit = last  # type: ignore[method-assign]


def key_of(instrument_id: str) -> PositionKey:
    return PositionKey(instrument_id, mode=TradeMode.CROSS if instrument_id == SWAP else TradeMode.CASH)


async def size_of(world: TradingWorld, instrument_id: str = BTC) -> Decimal:
    await world.clock.sleep(1)
    return world.system.ledger.fold(key_of(instrument_id)).position.size


class TestFlatten:
    async def test_more_is_held_than_the_book_shows(self, world: TradingWorld) -> None:
        await held(world, "6")  # 5.994 arrive; the book holds 5
        done = await world.executor.flatten(BTC)
        (first,), (parent,) = done.orders, done.parents
        assert (first.order_type, first.size, first.parent_id) == (OrderType.IOC, D(5), parent.parent_id)
        ended = await over(world, parent.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("5.994"))
        assert await size_of(world) == 0

    async def test_what_the_book_does_not_take_in_time_is_named(self, world: TradingWorld) -> None:
        await held(world, "6")
        dry_up_after_one(world)
        (parent,) = (await world.executor.flatten()).parents
        await world.clock.sleep(1)
        now = world.system.parents.get(parent.parent_id)
        assert (now.filled_size, now.working_size + now.unsent_size) == (D(5), D("0.994"))
        ended = await over(world, parent.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.PARTIAL_EXPIRED, D(5))
        assert ended.reason.startswith("0.994 of 5.994 left: no usable market")

    async def test_the_limits_of_one_order_make_pieces(self, tmp_path: Path) -> None:
        async with trading_world(tmp_path, balances={"USDT": D(1_000_000)}, risk=WIDE) as world:
            await held(world, "3")
            world.risk.configure(WIDE | {"max_order_size": 1, "max_order_value": 30_000})
            (parent,) = (await world.executor.flatten(BTC)).parents
            ended = await over(world, parent.parent_id)
            assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("2.997"))
            sizes = [order.size for order in world.system.parents.orders(parent.parent_id)]
            assert max(sizes) <= D("0.6")
            assert sum(sizes) == D("2.997")
            assert (world.clock.now_ns() - parent.parent.created_ns) / 1e9 < 6, "a book that takes it is asked at once"

    async def test_the_exchanges_largest_order_makes_pieces(self, tmp_path: Path) -> None:
        clock = SimulatedClock()
        small = replace(DEFAULT_INSTRUMENTS[0], max_limit_size=D("0.7"), max_market_size=D("0.2"))
        venue = MemoryExchange(clock, instruments=(small,), balances={"USDT": D(1_000_000)})
        async with trading_world(tmp_path, exchange=venue, risk=WIDE) as world:
            for _ in range(10):
                await world.buy("0.2")
            (parent,) = (await world.executor.flatten(BTC)).parents
            ended = await over(world, parent.parent_id)
            assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("1.998"))
            assert max(order.size for order in world.system.parents.orders(parent.parent_id)) == D("0.7")

    async def test_contracts_both_ways(self, world: TradingWorld) -> None:
        await held(world, "8", instrument_id=SWAP, trade_mode="cross")
        (parent,) = (await world.executor.flatten(SWAP)).parents
        assert parent.parent.reduce_only
        assert (await over(world, parent.parent_id)).filled_size == D(8)
        for _ in range(2):
            await world.sell("4", instrument_id=SWAP, trade_mode="cross")
        (parent,) = (await world.executor.flatten(SWAP)).parents
        assert parent.parent.side is OrderSide.BUY
        assert (await over(world, parent.parent_id)).filled_size == D(8)
        assert await size_of(world, SWAP) == 0

    async def test_what_fits_is_one_order_and_dust_is_named(self, world: TradingWorld) -> None:
        await held(world, "1")
        await world.sell("0.998995")
        done = await world.executor.flatten()
        assert (done.orders, done.parents) == ((), ())
        (left,) = done.left_out
        assert (left.instrument_id, left.size, left.value_currency) == (BTC, D("0.000005"), "USDT")
        assert left.reason == "is below the smallest order 0.00001 of BTC-USDT"
        await held(world, "1")
        (order,) = await world.executor.flatten()
        assert (order.order_type, order.parent_id) == (OrderType.MARKET, None)

    async def test_a_cancel_that_is_not_answered_yet_holds_a_part(self, world: TradingWorld) -> None:
        await held(world, "1")
        resting = await world.executor.place_order(limit("52000", "0.5", OrderSide.SELL))
        world.exchange.answer_next("cancel", OutcomeKind.UNKNOWN, code="timeout")
        done = await world.executor.flatten()
        assert done.orders == ()
        (parent,) = done.parents
        assert await world.executor.wait_for(resting.order_id, 60)
        ended = await over(world, parent.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.999"))

    async def test_the_same_key_places_nothing_twice(self, world: TradingWorld) -> None:
        await held(world, "1")
        first = await world.executor.flatten(idempotency_key="k")
        again = await world.executor.flatten(idempotency_key="k")
        assert [order.order_id for order in first][:1] == [order.order_id for order in again] or not again.orders
        assert await size_of(world) == 0
        assert world.exchange.venue.ledger.balance("BTC", 0).total == 0

    async def test_sold_by_hand_meanwhile(self, world: TradingWorld) -> None:
        """The exchange refuses the next piece before we know: it is asked again, and what is there is taken."""
        await held(world, "6")
        dry_up_after_one(world)
        (parent,) = (await world.executor.flatten()).parents
        world.exchange.venue.move_cash(BillKind.TRANSFER, "BTC", D("-0.5"))
        await world.clock.sleep(2)
        children = world.system.parents.orders(parent.parent_id)
        assert OrderStatus.REJECTED in [order.status for order in children]
        await world.system.reconciler.run()
        del world.exchange.submit  # type: ignore[attr-defined]  somebody buys again
        world.quote("49999.9", "50000.1")
        ended = await over(world, parent.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("5.494"))

    async def test_a_market_that_goes_silent_does_not_hold_the_answer(self, world: TradingWorld) -> None:
        await held(world, "6")

        async def never(parent_id: str) -> str | None:
            await asyncio.Event().wait()
            return None

        world.system.parents.first_child = never  # type: ignore[method-assign]
        done = await asyncio.wait_for(world.executor.flatten(), 10)
        assert (done.orders, len(done.parents)) == ((), 1)
        assert (await over(world, done.parents[0].parent_id)).status is ParentStatus.COMPLETED
        await held(world, "6")
        with pytest.raises(NotReady, match="has placed no order yet"):
            await world.executor.execute_signal(Signal(SignalType.CLOSE, BTC))


class TestClose:
    async def test_the_first_piece_names_its_parent(self, world: TradingWorld) -> None:
        for _ in range(2):
            await world.buy("3", strategy_id="one")
        await world.buy("1", strategy_id="two")
        order = await world.executor.execute_signal(Signal(SignalType.CLOSE, BTC), strategy_id="one")
        assert order is not None
        assert (order.size, order.strategy_id) == (D(5), "one")
        assert order.parent_id is not None
        ended = await over(world, order.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("5.994"))
        assert world.system.ledger.strategy_size("two", key_of(BTC)) == D("0.999")
        assert len(world.events("signal.received")) == 1

    async def test_its_price_is_the_cap(self, world: TradingWorld) -> None:
        await held(world, "6")
        order = await world.executor.execute_signal(Signal(SignalType.CLOSE, BTC, price=D("49990")))
        assert order is not None
        assert (order.order_type, order.price, order.parent_id) == (OrderType.LIMIT, D("49990"), None)

    async def test_one_that_risk_refuses_starts_no_parent(self, world: TradingWorld) -> None:
        await held(world, "6")
        instruments = world.system.ledger.instruments
        instruments[BTC] = replace(instruments[BTC], live=False)
        order = await world.executor.execute_signal(Signal(SignalType.CLOSE, BTC))
        assert order is not None
        assert order.status is OrderStatus.DENIED
        assert world.system.parents.open_count == 0

    async def test_a_repeated_key_finds_the_first_piece(self, world: TradingWorld) -> None:
        await held(world, "6")
        close = Signal(SignalType.CLOSE, BTC)
        first = await world.executor.execute_signal(close, idempotency_key="k")
        again = await world.executor.execute_signal(close, idempotency_key="k")
        assert first is not None
        assert again is not None
        assert first.order_id == again.order_id
        await over(world, first.parent_id or "")
        later = await world.executor.execute_signal(close, idempotency_key="k")
        assert later is not None
        assert later.order_id == first.order_id

    async def test_it_goes_on_after_a_restart(self, tmp_path: Path) -> None:
        async with trading_world(tmp_path, balances={"USDT": D(1_000_000)}, risk=WIDE) as world:
            await held(world, "6")
            world.quotes.clear()
            order = await world.executor.execute_signal(Signal(SignalType.CLOSE, BTC))
            await world.clock.sleep(1)
            exchange = world.exchange
        assert order is not None
        async with trading_world(tmp_path, exchange=exchange, seed=1, risk=WIDE) as world:
            ended = await over(world, order.parent_id or "")
            assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("5.994"))
            assert [o.size for o in world.system.parents.orders(order.parent_id or "")] == [D(5), D("0.994")]


class TestKillSwitch:
    """With it on, what a person asks for to get out goes through; nothing that could add risk does."""

    async def test_a_persons_flatten_and_close_go_through_and_are_marked(self, world: TradingWorld) -> None:
        await held(world, "2")
        await world.executor.engage_kill_switch("spreads look wrong")
        some = await world.executor.execute_signal(Signal(SignalType.CLOSE, BTC, size=D("0.5")))
        assert some is not None
        assert (some.reasons, some.exit) == ((), True)
        (order,) = await world.executor.flatten()
        done = await world.executor.wait_for(order.order_id, 5)
        assert (done.status, done.filled_size, done.exit) == (OrderStatus.FILLED, D("1.498"), True)
        decisions = [json.loads(event["payload"])["risk"] for event in world.events("order.intent")]
        assert [decision.get("exit", False) for decision in decisions] == [False, True, True]

    async def test_in_pieces_too_and_over_a_restart(self, tmp_path: Path) -> None:
        async with trading_world(tmp_path, balances={"USDT": D(1_000_000)}, risk=WIDE) as world:
            await held(world, "6")
            await world.executor.engage_kill_switch("spreads look wrong")
            dry_up_after_one(world)
            (parent,) = (await world.executor.flatten()).parents
            await world.clock.sleep(2)
            exchange = world.exchange
            del exchange.submit  # type: ignore[attr-defined]  the book is there again
        async with trading_world(tmp_path, exchange=exchange, seed=1, risk=WIDE) as world:
            ended = await over(world, parent.parent_id)
            assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("5.994"))
            children = world.system.parents.orders(parent.parent_id)
            assert {order.exit for order in children} == {True}
            report = audit(world.system.database, "main", world.system.ledger.instruments)
            assert report.clean, report.findings

    async def test_it_engages_while_an_exit_runs(self, world: TradingWorld) -> None:
        await held(world, "6")
        dry_up_after_one(world)
        (parent,) = (await world.executor.flatten()).parents
        await world.executor.engage_kill_switch("spreads look wrong")
        await world.clock.sleep(5)
        assert world.system.parents.get(parent.parent_id).status is ParentStatus.RUNNING
        world.quote("49999.9", "50000.1")
        del world.exchange.submit  # type: ignore[attr-defined]
        world.quote("49999.9", "50000.1")
        ended = await over(world, parent.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("5.994"))

    async def test_a_later_cancel_all_ends_it(self, world: TradingWorld) -> None:
        await held(world, "6")
        await world.executor.engage_kill_switch("spreads look wrong")
        dry_up_after_one(world)
        (parent,) = (await world.executor.flatten()).parents
        await world.executor.cancel_all()
        ended = await over(world, parent.parent_id, 60)
        assert (ended.status, ended.filled_size) == (ParentStatus.CANCELED, D(5))

    async def test_resting_exits_and_protection_stay_and_nothing_else(self, world: TradingWorld) -> None:
        await held(world, "2")
        await world.buy("2", instrument_id=SWAP, trade_mode="cross")
        swap = {"instrument_id": SWAP, "trade_mode": "cross"}
        protection = await world.executor.place_order(limit("52000", "1", OrderSide.SELL, reduce_only=True, **swap))
        adding = await world.executor.place_order(limit("52000", "1", OrderSide.SELL, **swap))
        asked = await world.executor.execute_signal(Signal(SignalType.CLOSE, BTC, price=D(52000), size=D(1)))
        strategys = await world.executor.execute_signal(
            Signal(SignalType.SELL, BTC, price=D(52000), size=D("0.5")), strategy_id="one"
        )
        assert asked is not None
        assert strategys is not None
        gone = await world.executor.engage_kill_switch("spreads look wrong")
        assert {order.order_id for order in gone} == {adding.order_id, strategys.order_id}
        left = {order.order_id for order in world.orders.get_active_orders()}
        assert left == {protection.order_id, asked.order_id}
        await world.executor.cancel_all()
        assert world.orders.get_active_orders() == []

    @pytest.mark.parametrize(
        "attempt",
        [
            market(OrderSide.SELL, "0.1"),
            market(OrderSide.BUY, "0.1"),
            market(OrderSide.SELL, "1", instrument_id=SWAP, trade_mode="cross", reduce_only=True),
            market(OrderSide.BUY, "1", instrument_id=SWAP, trade_mode="cross"),
        ],
        ids=["spot sell", "spot buy", "swap reduce-only", "swap buy"],
    )
    async def test_a_plain_order_is_no_exit(self, world: TradingWorld, attempt: OrderParams) -> None:
        await held(world, "1")
        await world.buy("2", instrument_id=SWAP, trade_mode="cross")
        await world.executor.engage_kill_switch("spreads look wrong")
        denied = await world.executor.place_order(attempt, principal="api:me")
        assert [reason.check for reason in denied.reasons] == ["kill_switch"]

    async def test_a_strategys_close_is_no_persons(self, world: TradingWorld) -> None:
        for _ in range(2):
            await world.buy("3", strategy_id="one")
        await world.executor.engage_kill_switch("spreads look wrong")
        for size in ("1", None):  # one order, and a parent
            close = Signal(SignalType.CLOSE, BTC, size=None if size is None else D(size))
            denied = await world.executor.execute_signal(close, strategy_id="one")
            assert denied is not None
            assert [reason.check for reason in denied.reasons] == ["kill_switch"]
        done = await world.executor.flatten(principal="strategy:one")
        assert {order.status for order in done} == {OrderStatus.DENIED}
        assert world.system.parents.open_count == 0
        parent = await world.system.parents.start("exit", {}, market(OrderSide.SELL, "1"), principal="strategy:one")
        await world.clock.sleep(5)
        now = world.system.parents.get(parent.parent_id)
        assert (now.status, now.filled_size) == (ParentStatus.SUSPENDED, D(0))

    async def test_a_person_closes_a_strategys_book(self, world: TradingWorld) -> None:
        await world.buy("1", strategy_id="one")
        await world.executor.engage_kill_switch("spreads look wrong")
        order = await world.executor.execute_signal(
            Signal(SignalType.CLOSE, BTC), strategy_id="one", principal="api:me"
        )
        assert order is not None
        assert (order.reasons, order.size) == ((), D("0.999"))

    async def test_two_exits_at_once_do_not_exceed_what_is_held(self, world: TradingWorld) -> None:
        await held(world, "1")
        await world.executor.engage_kill_switch("spreads look wrong")
        world.exchange.answer_next("place", OutcomeKind.UNKNOWN, taken=True, code="timeout")
        world.exchange.drop_pushes = 100
        close = Signal(SignalType.CLOSE, BTC, size=D("0.7"))
        first, second = await asyncio.gather(world.executor.execute_signal(close), world.executor.execute_signal(close))
        taken = [order.size for order in (first, second) if order is not None and not order.reasons]
        assert D("0.7") <= sum(taken) <= D("0.999")

    async def test_no_amend_under_it(self, world: TradingWorld) -> None:
        await held(world, "2")
        asked = await world.executor.execute_signal(Signal(SignalType.CLOSE, BTC, price=D(52000), size=D(1)))
        assert asked is not None
        await world.executor.engage_kill_switch("spreads look wrong")
        for change in ({"new_size": D("1.5")}, {"new_size": D("0.5")}, {"new_price": D(51000)}):
            with pytest.raises(AmendRefused, match="kill_switch"):
                await world.executor.modify_order(asked.order_id, **change)

    async def test_a_strategys_parent_is_suspended_and_a_persons_exit_takes_what_is_there(
        self, world: TradingWorld
    ) -> None:
        await held(world, "1")
        twap = await world.system.parents.start("twap", SLICES, market(OrderSide.SELL, "0.9"))
        await world.clock.sleep(2)
        await world.executor.engage_kill_switch("spreads look wrong")
        await world.clock.sleep(2)
        assert world.system.parents.get(twap.parent_id).status is ParentStatus.SUSPENDED
        done = await world.executor.flatten()
        assert world.system.parents.get(twap.parent_id).status is ParentStatus.CANCELED
        assert sum(order.size for order in done) == D("0.849")
        assert await size_of(world) == 0


async def test_modify_answers_with_the_new_terms(world: TradingWorld) -> None:
    order = await world.rest()
    now = await world.executor.modify_order(order.order_id, new_price=D(49500), new_size=D("0.15"))
    assert (now.price, now.size, now.status) == (D(49500), D("0.15"), OrderStatus.LIVE)


async def test_a_status_may_be_text(world: TradingWorld) -> None:
    bought = await world.buy()
    history = world.orders.get_order_history
    assert [order.order_id for order in history(status="filled").orders] == [bought.order_id]
    assert [order.order_id for order in history(status=["live", OrderStatus.FILLED]).orders] == [bought.order_id]
    with pytest.raises(InvalidValue, match="status=done: must be one of"):
        history(status="done")
