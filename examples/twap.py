"""Use an execution strategy: a larger order in ten slices over five minutes."""

# ruff: noqa: I001 - as the user's guide has it
# fmt: off
from app.services.trading.execution_strategies import TWAPExecution
# fmt: on

from decimal import Decimal

from app.models.trading import OrderSide, OrderType
from app.services.trading import OrderParams, OrderResponse, TradeExecutor
from app.system import System
from examples.world import program


async def work(executor: TradeExecutor, order_params: OrderParams) -> list[OrderResponse]:
    """Every slice's order, in the order of placing."""
    # fmt: off
    twap_strategy = TWAPExecution(executor, {
        'duration': 300,
        'num_slices': 10
    })
    # fmt: on

    orders = await twap_strategy.execute(order_params)
    return orders  # noqa: RET504 - as the user's guide has it


async def main(system: System) -> list[OrderResponse]:
    order_params = OrderParams(
        instrument_id="BTC-USDT",
        side=OrderSide.BUY,
        order_type=OrderType.MARKET,
        size=Decimal("0.15"),
    )
    return await work(system.executor, order_params)


if __name__ == "__main__":
    for child in program(main):
        print(f"{child.created_at:%H:%M:%S}  {child.filled_size} of {child.size} at {child.average_fill_price}")
