"""What a strategy may have at risk: what it holds and what its open orders and executions may still add, at the price
of now, all to one side at its worst; each position by itself, so that a long side pays for no short one. Pure.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from app.domain.money import ZERO, plain
from app.domain.orders import Order, OrderSide, PositionKey, PositionSide
from app.domain.refusals import Refusal

CHECK = "strategy_budget"

Books = Mapping[PositionKey, Decimal]
"""What a strategy holds, signed."""
Coming = dict[tuple[PositionKey, OrderSide], Decimal]
"""What may still fill."""


def books(sizes: Iterable[tuple[tuple[str, PositionKey], Decimal]], name: str) -> dict[PositionKey, Decimal]:
    return {key: size for (strategy_id, key), size in sizes if strategy_id == name and size}


def by_instrument(found: Books) -> dict[str, Decimal]:
    """A long and a short side of one instrument together."""
    held: dict[str, Decimal] = {}
    for key, size in found.items():
        held[key.instrument_id] = held.get(key.instrument_id, ZERO) + size
    return held


def by_side(found: Books) -> dict[str, dict[PositionSide, Decimal]]:
    """Of each instrument its sides, cross and isolated together."""
    held: dict[str, dict[PositionSide, Decimal]] = {}
    for key, size in found.items():
        of = held.setdefault(key.instrument_id, {})
        of[key.side] = of.get(key.side, ZERO) + size
    return held


def coming(orders: Iterable[Order], name: str) -> Coming:
    """Of its open orders."""
    found: Coming = {}
    for order in orders:
        if order.request.strategy_id == name:
            add(found, order.request.key, order.request.side, order.max_remaining)
    return found


def add(found: Coming, key: PositionKey, side: OrderSide, size: Decimal) -> None:
    found[key, side] = found.get((key, side), ZERO) + size


def at_worst(instrument_id: str, held: Books, still: Coming) -> Decimal:
    """The largest size that its positions in an instrument may come to, whatever of it fills."""
    keys = {key for key in (*held, *(key for key, _ in still)) if key.instrument_id == instrument_id}
    return sum((_one_at_worst(held.get(key, ZERO), still, key) for key in keys), ZERO)


def _one_at_worst(holding: Decimal, still: Coming, key: PositionKey) -> Decimal:
    buys, sells = still.get((key, OrderSide.BUY), ZERO), still.get((key, OrderSide.SELL), ZERO)
    return max(holding + buys, sells - holding, ZERO)


def over(name: str, limit: Decimal, found: Decimal, what: str) -> Refusal:
    rule = f"is above {plain(limit)}, {what} of strategy {name}"
    return Refusal(CHECK, "size", plain(found), rule)
