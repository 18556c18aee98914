"""Getting out past the limits that are meant for getting in, asked for twice, and beside coins that are nobody's.

Whole systems in virtual time over an exchange in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.parents import ParentStatus
from app.exchanges.port import OutcomeKind
from app.models.trading import OrderSide, OrderStatus
from app.services.trading import OrderResponse
from app.services.trading.errors import IdempotencyConflict
from app.strategies.signals import Signal, SignalType
from tests.integration.test_exits import WIDE, dry_up_after_one, held, over, size_of
from tests.support.trading_world import BTC, SWAP, D, TradingWorld, VirtualTimePolicy, limit, market, trading_world

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the:pytest.PytestDeprecationWarning")


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    return VirtualTimePolicy()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[TradingWorld]:
    async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(1_000_000)}) as made:
        yield made


async def close(world: TradingWorld, instrument_id: str = BTC, strategy: str | None = None) -> OrderResponse:
    order = await world.executor.execute_signal(Signal(SignalType.CLOSE, instrument_id), strategy_id=strategy)
    assert order is not None
    return order


def names(order: OrderResponse) -> list[str]:
    return [reason.check for reason in order.reasons]


class TestPastTheLimitsOfGettingIn:
    @pytest.mark.parametrize("instrument_id", [BTC, SWAP])
    @pytest.mark.parametrize("limits", [{"max_open_orders": 1}, {"allowed_instruments": ["ETH-USDT"]}])
    async def test_what_is_held_is_closed(
        self, world: TradingWorld, instrument_id: str, limits: dict[str, object]
    ) -> None:
        terms: dict[str, Any] = {"trade_mode": "cross"} if instrument_id == SWAP else {}
        await held(world, "2", instrument_id=instrument_id, strategy_id="s", **terms)
        await world.rest()
        world.risk.configure(WIDE | limits)
        more = market(OrderSide.BUY, "1", instrument_id=instrument_id, **terms)
        assert names(await world.executor.place_order(more)) == list(limits)
        if instrument_id == SWAP:
            half = market(OrderSide.SELL, "1", instrument_id=SWAP, reduce_only=True, **terms)
        else:
            half = market(OrderSide.SELL, "1")
        assert (await world.executor.place_order(half, strategy_id="s")).reasons == ()
        assert (await close(world, instrument_id, "s")).reasons == ()
        assert await size_of(world, instrument_id) == 0

    async def test_in_pieces_too(self, world: TradingWorld) -> None:
        await held(world, "6")
        await world.rest()
        world.risk.configure(WIDE | {"max_open_orders": 1, "allowed_instruments": ["ETH-USDT"]})
        order = await close(world)
        ended = await over(world, order.parent_id or "")
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("5.994"))

    async def test_what_rests_counts_unless_it_ends_the_position(self, world: TradingWorld) -> None:
        await held(world, "2")
        await world.rest()
        world.risk.configure(WIDE | {"max_open_orders": 1})
        part, all_of_it = limit("51000", "1", OrderSide.SELL), limit("51000", "1.998", OrderSide.SELL)
        assert names(await world.executor.place_order(part)) == ["max_open_orders"]
        assert (await world.executor.place_order(all_of_it)).reasons == ()

    async def test_coins_that_are_nobodys_are_no_way_round_the_allowed_instruments(self, tmp_path: Path) -> None:
        async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(1_000_000), "BTC": D(3)}) as world:
            await held(world, "1")
            world.risk.configure(WIDE | {"allowed_instruments": ["ETH-USDT"]})
            assert names(await world.sell("2")) == ["allowed_instruments"]
            (order,) = await world.executor.flatten(all=True)
            assert (await world.executor.wait_for(order.order_id, 5)).status is OrderStatus.FILLED

    async def test_a_book_that_is_smaller_than_the_smallest_order_beside_other_coins(self, tmp_path: Path) -> None:
        """A fee in base leaves less than min_order_size of what was bought."""
        async with trading_world(tmp_path, balances={"USDT": D(100_000), "BTC": D(1)}) as world:
            await world.buy("0.001", strategy_id="s")
            await world.buy("0.001", strategy_id="t")
            assert names(await world.sell("0.0005", strategy_id="s")) == ["min_order_size"]
            order = await close(world, strategy="s")
            assert (order.size, order.reasons) == (D("0.000999"), ())
            (order,) = await world.executor.flatten()
            assert (order.size, order.reasons) == (D("0.000999"), ())

    async def test_a_book_that_is_smaller_than_the_smallest_order_and_still_held_by_another(
        self, world: TradingWorld
    ) -> None:
        await world.buy("0.001")
        resting = await world.executor.place_order(limit("52000", "0.000999", OrderSide.SELL))
        world.exchange.answer_next("cancel", OutcomeKind.UNKNOWN, code="timeout")
        (parent,) = (await world.executor.flatten()).parents
        await world.executor.wait_for(resting.order_id, 60)
        ended = await over(world, parent.parent_id)
        assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("0.000999"))


class TestAskedForTwice:
    async def test_a_flatten_in_pieces_goes_on_under_its_key(self, world: TradingWorld) -> None:
        await held(world, "6")
        dry_up_after_one(world)
        first = await world.executor.flatten(idempotency_key="k")
        again = await world.executor.flatten(idempotency_key="k")
        (parent,) = first.parents
        assert [one.parent_id for one in again.parents] == [parent.parent_id]
        assert [order.order_id for order in again] == [order.order_id for order in first]
        assert world.system.parents.open_count == 1
        assert world.system.parents.get(parent.parent_id).status is ParentStatus.RUNNING
        await world.executor.flatten(idempotency_key="another")
        assert (await over(world, parent.parent_id)).status is ParentStatus.CANCELED

    async def test_at_once(self, world: TradingWorld) -> None:
        await held(world, "6")
        await held(world, "8", instrument_id=SWAP, trade_mode="cross")
        both = await asyncio.gather(*(world.executor.flatten(idempotency_key="k") for _ in range(2)))
        assert len(world.system.parents.history()) == 2
        parents = [{parent.parent_id for parent in one.parents} for one in both]
        assert parents[0] == parents[1]
        for parent_id in parents[0]:
            assert (await over(world, parent_id)).status is ParentStatus.COMPLETED
        assert (await size_of(world), await size_of(world, SWAP)) == (0, 0)
        assert len(world.events("parent.changed")) == 4, "each begins once and ends once"

    async def test_after_a_restart_between_start_and_answer(self, tmp_path: Path) -> None:
        async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(1_000_000)}) as world:
            await held(world, "6")
            dry_up_after_one(world)
            (parent,) = (await world.executor.flatten(idempotency_key="k")).parents
            exchange = world.exchange
        del exchange.submit  # type: ignore[attr-defined]  somebody buys again
        async with trading_world(tmp_path, exchange=exchange, clock=world.clock, risk=WIDE) as world:
            (again,) = (await world.executor.flatten(idempotency_key="k")).parents
            assert again.parent_id == parent.parent_id
            ended = await over(world, parent.parent_id)
            assert (ended.status, ended.filled_size) == (ParentStatus.COMPLETED, D("5.994"))
            assert exchange.venue.ledger.balance("BTC", 0).total == 0

    async def test_a_close_at_once(self, world: TradingWorld) -> None:
        await held(world, "6")
        signal = Signal(SignalType.CLOSE, BTC)
        answers = await asyncio.gather(*(world.executor.execute_signal(signal, idempotency_key="k") for _ in range(3)))
        assert len({answer.order_id for answer in answers if answer is not None}) == 1
        for other in (Signal(SignalType.CLOSE, "ETH-USDT"), Signal(SignalType.CLOSE, SWAP)):
            with pytest.raises(IdempotencyConflict):
                await world.executor.execute_signal(other, idempotency_key="k")
        assert len(world.system.parents.history()) == 1


class TestBesideCoinsThatAreNobodys:
    @pytest.mark.parametrize("everything", [False, True])
    async def test_what_a_strategy_sells_meanwhile_is_not_taken_of_them(self, tmp_path: Path, everything: bool) -> None:
        async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(1_000_000), "BTC": D(3)}) as world:
            await held(world, "8", strategy_id="s")  # 7.992 arrive
            world.risk.configure(WIDE | {"max_order_size": 1})
            (parent,) = (await world.executor.flatten(all=everything)).parents
            for _ in range(2):
                assert (await world.sell("1", strategy_id="s")).status is OrderStatus.FILLED
            ended = await over(world, parent.parent_id)
            assert ended.status is ParentStatus.COMPLETED
            assert await size_of(world) == (0 if everything else D(3))

    async def test_nor_by_the_close_of_all_books(self, tmp_path: Path) -> None:
        async with trading_world(tmp_path, risk=WIDE, balances={"USDT": D(1_000_000), "BTC": D(3)}) as world:
            await held(world, "8", strategy_id="s")
            world.risk.configure(WIDE | {"max_order_size": 1})
            order = await close(world)
            assert (await world.sell("1", strategy_id="s")).status is OrderStatus.FILLED
            assert (await over(world, order.parent_id or "")).status is ParentStatus.COMPLETED
            assert await size_of(world) == D(3)
