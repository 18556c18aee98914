"""Steer what an execution strategy works: start it, look at it, pause, amend, resume, await; cancel another."""

from decimal import Decimal

from app.models.trading import OrderSide, OrderType
from app.services.trading import OrderParams, OrderResponse
from app.services.trading.execution_strategies import TWAPExecution
from app.system import System
from examples.world import program

ORDER = OrderParams(instrument_id="BTC-USDT", side=OrderSide.BUY, order_type=OrderType.MARKET, size=Decimal("0.15"))


async def main(system: System) -> list[OrderResponse]:
    """Half of it in the end, for the news was bad; the orders that were placed."""
    twap = TWAPExecution(system.executor, {"duration": 300, "num_slices": 10})
    working = await twap.start(ORDER, key="rebalance of today")
    await system.clock.sleep(100)
    print(f"{working.state.filled_size:.3f} done, {working.figures.ahead_size:.3f} ahead of its schedule")

    await working.pause("news")
    await working.amend(size=Decimal("0.075"))
    await working.resume()

    other = await twap.start(ORDER)
    await other.cancel("not now")
    await other

    orders = await working
    print(f"{working.state.status}, {other.state.status}")
    return orders


if __name__ == "__main__":
    for child in program(main):
        print(f"{child.created_at:%H:%M:%S}  {child.filled_size} of {child.size} at {child.average_fill_price}")
