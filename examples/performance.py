"""Track performance: win rate and Sharpe ratio of the trades of a time."""

# ruff: noqa: I001 - as the user's guide has it
# fmt: off
from app.services.trading import TradeRecorder
# fmt: on

from datetime import datetime, timedelta
from decimal import Decimal

from app.clock import utc
from app.models.trading import OrderSide, OrderType
from app.services.trading import OrderParams, PerformanceMetrics, TradeExecutor
from app.system import System
from examples.world import program


def measure(trade_recorder: TradeRecorder, start_date: datetime, end_date: datetime) -> PerformanceMetrics:
    metrics = trade_recorder.calculate_performance(
        start_date=start_date,
        end_date=end_date,
        instrument_id="BTC-USDT"
    )  # fmt: skip

    print(f"Win Rate: {metrics.win_rate:.2%}")
    print(f"Sharpe Ratio: {metrics.sharpe_ratio:.2f}")
    return metrics


async def buy_and_sell(executor: TradeExecutor, system: System) -> None:
    """Some round trips, so that there is something to measure."""
    for pause in (1.0, 1.5, 2.0):
        for side in (OrderSide.BUY, OrderSide.SELL):
            order = await executor.place_order(
                OrderParams(instrument_id="BTC-USDT", side=side, order_type=OrderType.MARKET, size=Decimal("0.1"))
            )
            await executor.wait_for(order.order_id, timeout_seconds=5)
            await system.clock.sleep(pause)


async def main(system: System) -> PerformanceMetrics:
    start_date = utc(system.clock.now_ns())
    await buy_and_sell(system.executor, system)
    end_date = utc(system.clock.now_ns()) + timedelta(seconds=1)
    return measure(system.recorder, start_date, end_date)


if __name__ == "__main__":
    program(main)
