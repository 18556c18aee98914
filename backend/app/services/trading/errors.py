"""What the trading services raise. An order's refusal by risk is not among them: it is a value (OrderResponse, DENIED).

TradingError
 ├─ OrderNotFound        no order with this id (ours or client order id)
 ├─ OrderOver            the order is over, so it cannot be cancelled or amended; carries it as it stands
 ├─ AmendRefused         risk or the order's state refuses the change; carries every reason
 ├─ ParentRefused        risk or the strategy refuses to start a parent order; an InvalidValue, carries every reason
 ├─ ParentNotFound       no parent order with this id
 ├─ ParentOver           the parent order's state does not allow it; carries it as it stands
 ├─ NotReady             the system may not do this now; carries every reason
 └─ IdempotencyConflict  the key was used with another body
"""

from collections.abc import Sequence

from app.domain.parents import ParentOrder
from app.domain.refusals import InvalidValue, Refusal
from app.services.trading.schemas import OrderResponse


class TradingError(Exception):
    """Base of the services' errors."""


class OrderNotFound(TradingError, LookupError):
    def __init__(self, order_id: str) -> None:
        self.order_id = order_id
        super().__init__(f"order_id={order_id}: is not an order of this account")


class OrderOver(TradingError):
    def __init__(self, order: OrderResponse, wanted: str) -> None:
        self.order = order
        super().__init__(f"order_id={order.order_id}: cannot be {wanted}, it is {order.status.value}")


class AmendRefused(TradingError):
    """passing: only the moment kept it back, so the same amend may be asked for again."""

    def __init__(self, order: OrderResponse, reasons: tuple[Refusal, ...], *, passing: bool) -> None:
        self.order = order
        self.reasons = reasons
        self.passing = passing
        super().__init__(f"order_id={order.order_id}: not amended: " + "; ".join(map(str, reasons)))


class ParentRefused(TradingError, InvalidValue):
    """Journalled where it is raised. passing: only the moment kept it back, so the same may be asked for again."""

    def __init__(self, reasons: Sequence[Refusal], *, passing: bool) -> None:
        first = reasons[0]
        InvalidValue.__init__(self, first.field, first.value, first.rule, check=first.check)
        self.reasons = tuple(reasons)
        self.passing = passing


class ParentNotFound(TradingError, LookupError):
    def __init__(self, parent_id: str) -> None:
        self.parent_id = parent_id
        super().__init__(f"parent_id={parent_id}: is not a parent order of this account")


class ParentOver(TradingError):
    """The parent's state does not allow it; carries the parent as it stands."""

    def __init__(self, parent: ParentOrder, wanted: str) -> None:
        self.parent = parent
        super().__init__(f"parent_id={parent.parent_id}: cannot {wanted}, it is {parent.status.value}")


class NotReady(TradingError):
    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__("not ready: " + "; ".join(reasons))


class IdempotencyConflict(TradingError):
    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"Idempotency-Key={key}: was used before with another request")
