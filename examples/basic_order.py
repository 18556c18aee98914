"""Basic order placement: one market order, and what became of it."""

# ruff: noqa: I001 - as the user's guide has it
# fmt: off
from decimal import Decimal

from app.services.trading import TradeExecutor, OrderParams
from app.models.trading import OrderSide, OrderType
# fmt: on

from app.services.trading import OrderResponse
from app.system import System
from examples.world import program


async def place(executor: TradeExecutor) -> OrderResponse:
    """Buy a tenth of a bitcoin at the market's price."""
    order_params = OrderParams(
        instrument_id="BTC-USDT",
        side=OrderSide.BUY,
        order_type=OrderType.MARKET,
        size=Decimal("0.1"),
        trade_mode="cash"
    )  # fmt: skip

    order = await executor.place_order(order_params)
    return await executor.wait_for(order.order_id, timeout_seconds=5)


async def main(system: System) -> OrderResponse:
    return await place(system.executor)


if __name__ == "__main__":
    done = program(main)
    print(f"{done.order_id}: {done.status}, {done.filled_size} at {done.average_fill_price}, fees {dict(done.fees)}")
