"""Working code for the everyday uses of the trading services; README.md beside it explains them.

Every function takes what it needs. As a program (`python backend/app/services/trading/example.py`) it goes through them
over the exchange in memory, in simulated time; examples/ has the specification's own uses, one a file.
"""

import asyncio
import logging
import tempfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from app.models.trading import OrderSide, OrderType
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.execution_strategies import IcebergExecution, LimitExecution, TWAPExecution
from app.services.trading.executor import TradeExecutor
from app.services.trading.order_manager import OrderManager
from app.services.trading.order_tracker import OrderTracker
from app.services.trading.position_manager import PositionManager
from app.services.trading.schemas import OrderParams, OrderResponse, PerformanceMetrics, PositionResponse
from app.services.trading.tasks import TaskGroup
from app.services.trading.trade_recorder import TradeRecorder
from app.store.disks import this_process
from app.strategies.signals import Signal, SignalType

if TYPE_CHECKING:
    from trading_executor import MemoryExchange, SimulatedClock

INSTRUMENT = "BTC-USDT"


async def place_market_order(executor: TradeExecutor, size: Decimal = Decimal("0.1")) -> OrderResponse:
    """Buy at the market's price, and wait until every fill is in hand."""
    order_params = OrderParams(
        instrument_id=INSTRUMENT,
        side=OrderSide.BUY,
        order_type=OrderType.MARKET,
        size=size,
        trade_mode="cash",
    )
    order = await executor.place_order(order_params)
    if order.reasons:
        return order  # refused: each reason names field, value and rule
    return await executor.wait_for(order.order_id, timeout_seconds=10)


async def execute_trading_signal(executor: TradeExecutor, price: Decimal) -> OrderResponse | None:
    """What a strategy does: say what is wanted, and let risk control and the executor do the rest."""
    account = await executor.account()
    signal = Signal(type=SignalType.BUY, instrument_id=INSTRUMENT, price=price, size=Decimal("0.1"), confidence=0.85)
    return await executor.execute_signal(signal, account, strategy_id="my_strategy")


async def close_by_signal(executor: TradeExecutor) -> OrderResponse | None:
    """End what the strategy holds; CLOSE knows the size."""
    signal = Signal(type=SignalType.CLOSE, instrument_id=INSTRUMENT)
    return await executor.execute_signal(signal, strategy_id="my_strategy")


async def amend_then_cancel(executor: TradeExecutor, price: Decimal, better: Decimal) -> OrderResponse:
    """Rest an order, move it, take it out again."""
    order = await executor.place_order(
        OrderParams(
            instrument_id=INSTRUMENT,
            side=OrderSide.BUY,
            order_type=OrderType.LIMIT,
            size=Decimal("0.01"),
            price=price,
        )
    )
    await executor.modify_order(order.order_id, new_price=better)
    return await executor.cancel_order(order.order_id)


async def execute_twap(executor: TradeExecutor, size: Decimal) -> list[OrderResponse]:
    """A larger order in ten slices over five minutes."""
    twap_strategy = TWAPExecution(executor, {"duration": 300, "num_slices": 10})
    return await twap_strategy.execute(_buy(size))


async def execute_limit(executor: TradeExecutor, size: Decimal, price: Decimal) -> list[OrderResponse]:
    """Wait a minute at a price, then take what the market asks."""
    limit_strategy = LimitExecution(executor, {"timeout": 60, "fallback_to_market": True})
    return await limit_strategy.execute(_buy(size, price))


async def execute_iceberg(executor: TradeExecutor, size: Decimal, price: Decimal) -> list[OrderResponse]:
    """Show a fifth of the order at a time."""
    iceberg_strategy = IcebergExecution(executor, {"visible_pct": 0.2, "max_refresh_time": 30})
    return await iceberg_strategy.execute(_buy(size, price))


async def track_order(executor: TradeExecutor, tracker: OrderTracker, size: Decimal) -> list[str]:
    """Be called back at every durable change of an order; the states that were seen."""
    seen: list[str] = []
    order = await executor.place_order(_buy(size))
    tracker.start_tracking(order.order_id, lambda changed: seen.append(changed.status.value))
    done = await executor.wait_for(order.order_id, timeout_seconds=10)
    tracker.stop_tracking(order.order_id)
    return seen or [done.status.value]


def look_at_positions(positions: PositionManager) -> list[PositionResponse]:
    """Every position with its cost, mark and profit."""
    return positions.get_all_positions()


def order_history_of(orders: OrderManager, strategy_id: str) -> list[OrderResponse]:
    """All orders of a strategy, page by page."""
    found: list[OrderResponse] = []
    cursor: str | None = None
    while True:
        page = orders.get_order_history(strategy_id=strategy_id, limit=100, cursor=cursor)
        found.extend(page.orders)
        cursor = page.next_cursor
        if cursor is None:
            return found


def ask_risk_first(risk: ExecutionRiskControl, params: OrderParams) -> list[str]:
    """Why an order would be refused, without placing it; empty when it fits instrument and limits."""
    return [str(reason) for reason in risk.validate_order_params(params).reasons]


def track_performance(
    trade_recorder: TradeRecorder, start_date: datetime | None = None, end_date: datetime | None = None
) -> PerformanceMetrics:
    """Figures over the round trips that closed in a time."""
    return trade_recorder.calculate_performance(start_date=start_date, end_date=end_date, instrument_id=INSTRUMENT)


def _buy(size: Decimal, price: Decimal | None = None) -> OrderParams:
    return OrderParams(
        instrument_id=INSTRUMENT,
        side=OrderSide.BUY,
        order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
        size=size,
        price=price,
    )


async def main(folder: Path) -> None:
    """All of it, one after another, on an account with 100,000 USDT."""
    # A program stands above the services: it takes the whole system by its public name.
    from trading_executor import MemoryExchange, SimulatedClock, System, load_settings

    clock = SimulatedClock()
    exchange = MemoryExchange(clock, balances={"USDT": Decimal(100_000)})
    exchange.set_book(INSTRUMENT, Decimal("49999.9"), Decimal("50000.1"), Decimal(5))
    settings = load_settings(data_dir=folder, database_url=f"sqlite:///{folder / 'example.db'}")
    system = System(settings, clock=clock, exchange=exchange, disk=this_process, progress=lambda _: None)
    await system.start()
    tasks = TaskGroup()
    tasks.spawn(_quote(exchange, clock), "quotes")
    try:
        executor, size = system.executor, Decimal("0.02")
        bought = await place_market_order(executor, size)
        print(f"bought     {bought.filled_size} at {bought.average_fill_price}: {bought.status.value}")
        signal = await execute_trading_signal(executor, Decimal(50_100))
        print(f"signal     {signal.status.value if signal else 'nothing to do'}")
        closed = await close_by_signal(executor)
        print(f"close      {closed.side.value} {closed.size}" if closed else "close      nothing to do")
        canceled = await amend_then_cancel(executor, Decimal(49_000), Decimal(49_500))
        print(f"amended    to {canceled.price}, then {canceled.status.value}")
        for name, orders in (
            ("twap", await execute_twap(executor, size)),
            ("limit", await execute_limit(executor, size, Decimal(49_000))),
            ("iceberg", await execute_iceberg(executor, size, Decimal(50_100))),
        ):
            print(f"{name:<10} {len(orders)} orders, {sum(order.filled_size for order in orders)} filled")
        print(f"tracked    {' -> '.join(await track_order(executor, system.tracker, size))}")
        for position in look_at_positions(system.positions):
            print(f"position   {position.size} {position.instrument_id} at {position.entry_price}")
        print(f"history    {len(order_history_of(system.orders, 'my_strategy'))} orders of my_strategy")
        print(f"risk       {'; '.join(ask_risk_first(system.risk, _buy(Decimal(11))))}")
        metrics = track_performance(system.recorder)
        print(f"net profit {metrics.net_profit} {metrics.valuation_currency} over {metrics.fill_count} fills")
    finally:
        await tasks.stop()
        await system.stop()


async def _quote(exchange: "MemoryExchange", clock: "SimulatedClock") -> None:
    """A book that stays fresh."""
    while True:
        exchange.set_book(INSTRUMENT, Decimal("49999.9"), Decimal("50000.1"), Decimal(5))
        await clock.sleep(0.5)


if __name__ == "__main__":
    from trading_executor import VirtualTimeLoop

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as home, asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main(Path(home)))
