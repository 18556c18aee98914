"""What a strategy may have at risk: what it holds and what its open orders and executions may still add, at the price
of now, all to one side at its worst. Pure, over the account in memory."""

from collections.abc import Iterable
from decimal import Decimal

from app.domain.money import ZERO, plain
from app.domain.orders import Order, OrderSide, PositionKey
from app.domain.refusals import Refusal

CHECK = "strategy_budget"


def held(sizes: Iterable[tuple[tuple[str, PositionKey], Decimal]], name: str) -> dict[str, Decimal]:
    """What a strategy holds, signed, by instrument."""
    found: dict[str, Decimal] = {}
    for (strategy_id, key), size in sizes:
        if strategy_id == name and size:
            found[key.instrument_id] = found.get(key.instrument_id, ZERO) + size
    return found


def open_sizes(orders: Iterable[Order], name: str) -> dict[tuple[str, OrderSide], Decimal]:
    """What its open orders may still fill, by instrument and side."""
    found: dict[tuple[str, OrderSide], Decimal] = {}
    for order in orders:
        request = order.request
        if request.strategy_id == name:
            key = (request.instrument_id, request.side)
            found[key] = found.get(key, ZERO) + order.max_remaining
    return found


def at_worst(
    instrument_id: str, holding: Decimal, still: dict[tuple[str, OrderSide], Decimal], add: Decimal, side: OrderSide
) -> Decimal:
    """The largest position, to either side, that it may come to have in an instrument with an order more."""
    buys = still.get((instrument_id, OrderSide.BUY), ZERO) + (add if side is OrderSide.BUY else ZERO)
    sells = still.get((instrument_id, OrderSide.SELL), ZERO) + (add if side is OrderSide.SELL else ZERO)
    return max(holding + buys, sells - holding, ZERO)


def over(name: str, limit: Decimal, found: Decimal, what: str) -> Refusal:
    rule = f"is above {plain(limit)}, {what} of strategy {name}"
    return Refusal(CHECK, "size", plain(found), rule)
