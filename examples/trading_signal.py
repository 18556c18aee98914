"""Execute a trading signal: a limit order at the signal's price, checked against the account as it stands."""

# ruff: noqa: I001 - as the user's guide has it
# fmt: off
from decimal import Decimal

from app.strategies.signals import Signal, SignalType
# fmt: on

from app.services.trading import OrderResponse, TradeExecutor
from app.system import System
from examples.world import program


async def trade(executor: TradeExecutor) -> OrderResponse | None:
    """Buy a tenth of a bitcoin for at most 50,000."""
    account = await executor.account()
    signal = Signal(
        type=SignalType.BUY,
        instrument_id="BTC-USDT",
        price=Decimal("50000"),
        size=Decimal("0.1"),
        confidence=0.85
    )  # fmt: skip

    order = await executor.execute_signal(signal, account, strategy_id="my_strategy")
    return order and await executor.wait_for(order.order_id, timeout_seconds=30)


async def main(system: System) -> OrderResponse | None:
    return await trade(system.executor)


if __name__ == "__main__":
    done = program(main)
    assert done is not None
    print(f"{done.order_id} of {done.strategy_id}: {done.status}, {done.filled_size} at {done.average_fill_price}")
