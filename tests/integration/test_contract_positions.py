"""Isolated beside cross and long beside short on one instrument: opened, shown, reconciled, closed, on every exchange.

Each test runs a whole system over the simulated OKX and over the memory exchange.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from app.api.read_only import StoredRuntime
from app.domain.instruments import SizeUnit
from app.domain.orders import OrderRequest, OrderSide, OrderType, PositionSide, TradeMode
from app.domain.parents import ParentStatus
from app.domain.refusals import InvalidValue
from app.exchanges.port import CommittedIntent
from app.services.trading.execution_strategies import TWAPExecution
from app.services.trading.schemas import OrderParams
from app.store import queries
from app.strategies.signals import Signal, SignalType
from tests.support.contract_world import COIN, SWAP, Contracts, play

D = Decimal

both = pytest.mark.parametrize("exchange", ["okx", "memory"])


@both
def test_isolated_beside_cross_is_closed_by_flatten(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        await world.trade("buy", "3")
        await world.trade("sell", "2", mode="isolated")
        assert world.held == {(SWAP, "net", "cross"): D(3), (SWAP, "net", "isolated"): D(-2)}
        positions = world.system.positions
        assert positions.get_position(SWAP, trade_mode="isolated").size == D(-2)  # type: ignore[arg-type,union-attr]
        assert positions.get_position(SWAP).size == D(3), "the largest"  # type: ignore[union-attr]
        orders = await world.system.executor.flatten()
        for order in orders:
            if order.instrument_id == SWAP:
                await world.end(order.order_id)
        assert world.held == {}

    play(tmp_path, exchange, scenario)


@both
@pytest.mark.parametrize(("one", "other"), [("3", "3"), ("5", "2"), ("2", "3")])
def test_each_of_two_strategies_on_the_two_sides_closes_its_own(
    tmp_path: Path, exchange: str, one: str, other: str
) -> None:
    """What the exchange holds is the difference, or nothing; either gets out, and the other one's part stays."""

    async def scenario(world: Contracts) -> None:
        def net() -> Decimal:
            return world.held.get((SWAP, "net", "cross"), D(0))

        await world.signal("buy", one, "up")
        await world.signal("sell", other, "down")
        assert net() == D(one) - D(other)
        await world.signal("close", strategy="down")
        assert net() == D(one)
        with pytest.raises(InvalidValue, match=r"too little|no position"):
            await world.signal("close", strategy="down")
        await world.signal("sell", other, "down")
        await world.signal("close", strategy="up")
        assert net() == -D(other)
        await world.signal("close", "1", "down")
        assert net() == 1 - D(other)

    play(tmp_path, exchange, scenario)


@both
def test_isolated_alone_is_closed_by_a_signal(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        await world.signal("buy", "3", "s", trade_mode="isolated")
        await world.signal("buy", "1", "s")
        assert world.held == {(SWAP, "net", "isolated"): D(4)}
        await world.signal("sell", "1", "s")
        await world.signal("close", strategy="s")
        assert world.held == {}

    play(tmp_path, exchange, scenario)


@both
def test_long_beside_short_by_signals(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        await world.signal("buy", "3", "s")
        await world.signal("sell", "2", "s")
        await world.trade("buy", "5", "long", "isolated")
        long, short = (SWAP, "long", "cross"), (SWAP, "short", "cross")
        assert world.held == {long: D(3), short: D(-2), (SWAP, "long", "isolated"): D(5)}
        await world.signal("sell", "1", "s", position_side="long", trade_mode="cross")
        assert world.held[long] == D(2)
        await world.signal("close", strategy="s")
        await asyncio.sleep(2)
        assert world.held == {(SWAP, "long", "isolated"): D(5)}, "what is not the strategy's stays"
        await world.signal("close")
        assert world.held == {}

    play(tmp_path, exchange, scenario, hedged=True)


@both
def test_long_beside_short_is_closed_by_flatten(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        await world.trade("buy", "3", "long")
        await world.trade("sell", "2", "short", "isolated")
        for order in await world.system.executor.flatten(SWAP):
            await world.end(order.order_id)
        assert world.held == {}

    play(tmp_path, exchange, scenario, hedged=True)


@both
def test_inverse_isolated_beside_cross(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        await world.trade("buy", "30", instrument=COIN)
        await world.trade("sell", "20", mode="isolated", instrument=COIN)
        await world.trade("sell", "10", instrument=COIN)
        await world.signal("close", instrument_id=COIN)
        await asyncio.sleep(2)
        assert world.held == {}

    play(tmp_path, exchange, scenario)


@pytest.mark.parametrize("hedged", [False, True])
def test_an_isolated_position_that_the_book_cannot_take_is_closed_in_pieces(tmp_path: Path, hedged: bool) -> None:
    """By the parents that CLOSE and flatten become."""
    side = "short" if hedged else "net"

    async def scenario(world: Contracts) -> None:
        for leaving in ("close", "flatten"):
            for _ in range(3):
                await world.trade("sell", "5", side, "isolated")
            assert world.held == {(SWAP, side, "isolated"): D(-15)}
            if leaving == "close":
                first = await world.system.executor.execute_signal(Signal(SignalType.CLOSE, SWAP))
                assert first is not None
                assert first.parent_id is not None
            else:
                done = await world.system.executor.flatten(SWAP)
                assert len(done.parents) == 1
            await asyncio.sleep(30)
            assert world.held == {}

    play(tmp_path, "memory", scenario, hedged=hedged, depth="5")


@both
@pytest.mark.parametrize("hedged", [False, True])
def test_an_execution_closes_an_isolated_position(tmp_path: Path, exchange: str, hedged: bool) -> None:
    side = "long" if hedged else "net"

    async def scenario(world: Contracts) -> None:
        await world.trade("buy", "6", side, "isolated")
        await world.trade("buy", "1", side, "cross")
        params = OrderParams(
            instrument_id=SWAP,
            side=OrderSide.SELL,
            order_type=OrderType.MARKET,
            size=D(6),
            trade_mode=TradeMode.ISOLATED,
            position_side=PositionSide(side),
            reduce_only=not hedged,
        )
        await TWAPExecution(world.system.executor, {"duration": 30, "num_slices": 3}).execute(params)
        assert world.held == {(SWAP, side, "cross"): D(1)}

    play(tmp_path, exchange, scenario, hedged=hedged)


@both
def test_a_foreign_isolated_order_is_adopted_where_it_belongs(tmp_path: Path, exchange: str) -> None:
    """Another program buys isolated beside our cross position."""

    async def scenario(world: Contracts) -> None:
        await world.trade("buy", "1")
        system = world.system
        request = OrderRequest(
            order_id="foreign",
            account="main",
            client_order_id="foreign1",
            instrument_id=SWAP,
            side=OrderSide.SELL,
            order_type=OrderType.MARKET,
            size=D(3),
            size_unit=SizeUnit.CONTRACTS,
            price=None,
            trade_mode=TradeMode.ISOLATED,
            created_ns=system.clock.now_ns(),
        )
        await system.exchange.submit(CommittedIntent(request, system.ledger.instruments[SWAP]))
        await asyncio.sleep(40)
        assert world.held == {(SWAP, "net", "cross"): D(1), (SWAP, "net", "isolated"): D(-3)}
        await world.signal("close")
        await asyncio.sleep(2)
        assert world.held == {}

    play(tmp_path, exchange, scenario)


@both
@pytest.mark.parametrize("hedged", [False, True], ids=["net", "hedged"])
def test_a_person_gets_out_in_pieces_with_the_kill_switch_on(tmp_path: Path, exchange: str, hedged: bool) -> None:
    async def scenario(world: Contracts) -> None:
        await world.trade("buy", "3", "long" if hedged else "net")
        await world.trade("sell", "2", "short" if hedged else "net", "isolated")
        executor, parents = world.system.executor, world.system.parents
        world.system.risk.configure({"max_order_value": 700})  # a contract is worth 500
        await executor.engage_kill_switch("spreads look wrong")
        done = await executor.flatten(SWAP)
        assert sorted(parent.parent.trade_mode.value for parent in done.parents) == ["cross", "isolated"]
        await asyncio.sleep(60)
        ended = [parents.get(parent.parent_id) for parent in done.parents]
        assert [parent.status for parent in ended] == [ParentStatus.COMPLETED] * 2
        assert all(order.exit for parent in ended for order in parents.orders(parent.parent_id))
        assert world.held == {}
        await world.agrees()

    play(tmp_path, exchange, scenario, hedged=hedged)


@both
def test_every_trade_and_order_says_which_position_it_moved(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        await world.trade("buy", "3", "long")
        await world.trade("sell", "2", "short", "isolated")
        await world.signal("close", position_side="short")
        await world.trade("sell", "3", "long")
        trades = world.system.recorder.list_trades().trades
        moved = [(trade.position_side.value, trade.trade_mode, trade.side.value) for trade in trades]
        orders = [
            (order.position_side.value, order.trade_mode, order.side.value)
            for order in world.system.orders.get_order_history().orders
        ]
        short, long = ("short", TradeMode.ISOLATED), ("long", TradeMode.CROSS)
        expected = [(*long, "sell"), (*short, "buy"), (*short, "sell"), (*long, "buy")]
        assert list(dict.fromkeys(moved)) == expected
        assert orders == expected

    play(tmp_path, exchange, scenario, hedged=True)


@both
def test_what_a_position_is_worth_stands_in_its_row_once_a_minute(tmp_path: Path, exchange: str) -> None:
    async def scenario(world: Contracts) -> None:
        await world.trade("buy", "3")
        seq = world.system.ledger.seq
        assert world.rows(SWAP)[0]["mark_price"] is None
        await asyncio.sleep(61)
        (row,) = world.rows(SWAP)
        now_ns, shown = world.system.clock.now_ns(), world.system.positions.get_position(SWAP)
        assert shown is not None
        assert (row["leverage"], row["margin"]) == (shown.leverage, shown.margin)
        assert row["mark_price"] * row["size"] > 0
        assert row["unrealised_pnl"] is not None
        assert 0 <= now_ns - row["marked_ns"] < 61 * 10**9
        told = queries.events(world.system.database, "main", after_seq=seq)
        assert "position" not in {event["kind"].partition(".")[0] for event in told}, "no event tells it"
        await world.trade("sell", "3")
        await asyncio.sleep(61)
        (row,) = world.rows(SWAP)
        assert {row[name] for name in ("mark_price", "unrealised_pnl", "margin", "leverage", "marked_ns")} == {None}

    play(tmp_path, exchange, scenario)


def test_who_reads_the_database_alone_sees_what_a_position_was_worth_and_when(tmp_path: Path) -> None:
    async def scenario(world: Contracts) -> None:
        await world.trade("buy", "3")
        await asyncio.sleep(61)
        (row,) = world.rows(SWAP)
        system = world.system
        stored = StoredRuntime(system.database, "main", system.clock, system.ledger.instruments)
        shown = stored.positions.get_position(SWAP)
        assert shown is not None
        assert shown.marked_at is not None
        told = (shown.mark_price, shown.unrealised_pnl, shown.margin, shown.leverage)
        assert told == tuple(row[name] for name in ("mark_price", "unrealised_pnl", "margin", "leverage"))
        assert int(shown.marked_at.timestamp() * 1000) == row["marked_ns"] // 10**6
        live = system.positions.get_position(SWAP)
        assert live is not None
        assert live.marked_at is None
        await world.trade("sell", "3")

    play(tmp_path, "okx", scenario)
