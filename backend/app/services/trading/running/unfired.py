"""Parents that wait for a price: what they cost counts from when they fire, and not from when they were accepted, for
what the market did until then is what they waited for."""

from collections.abc import Mapping
from typing import Any

from app.domain.orders import Order
from app.domain.parents import ParentOrder
from app.services.trading.execution_strategies import waits_for_price
from app.store.rows import parent_from_row


class Unfired:
    """Those of one account that have not fired yet."""

    def __init__(self) -> None:
        self._parents: dict[str, ParentOrder] = {}

    def __bool__(self) -> bool:
        return bool(self._parents)

    def take(self, row: Mapping[str, Any]) -> bool:
        """Whether an open parent, by its row (parent_orders), is one of them."""
        if not waits_for_price(row["strategy"]):
            return False
        self._parents[row["parent_id"]] = parent_from_row(row)
        return True

    def forget(self, parent_id: str) -> None:
        self._parents.pop(parent_id, None)

    def fired_by(self, order: Order) -> ParentOrder | None:
        """The parent that fires with this order of it, once: it does more than wait at the exchange."""
        parent_id = order.request.parent_id
        if parent_id is None or (order.request.condition is not None and not order.fired):
            return None
        return self._parents.pop(parent_id, None)


def fired_ns(order: Order, now_ns: int, ahead_ns: int) -> int:
    """When it fired, as far as is known: here with its send, at the exchange with its first fill, or when it was heard
    of. ahead_ns: the exchange's clock less ours."""
    if order.request.condition is None:
        return order.request.created_ns
    return min((fill.time_ns - ahead_ns for fill in order.fills.values()), default=now_ns)
