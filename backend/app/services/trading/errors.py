"""What the trading services raise. Refusals by risk are not among them: they are values (OrderResponse, DENIED).

TradingError
 ├─ OrderNotFound        no order with this id (ours or client order id)
 ├─ OrderOver            the order is over, so it cannot be cancelled or amended; carries it as it stands
 ├─ AmendRefused         risk or the order's state refuses the change; carries every reason
 ├─ NotReady             the system may not do this now; carries every reason
 └─ IdempotencyConflict  the key was used with another body
"""

from app.domain.refusals import Refusal
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
    def __init__(self, order: OrderResponse, reasons: tuple[Refusal, ...]) -> None:
        self.order = order
        self.reasons = reasons
        super().__init__(f"order_id={order.order_id}: not amended: " + "; ".join(map(str, reasons)))


class NotReady(TradingError):
    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__("not ready: " + "; ".join(reasons))


class IdempotencyConflict(TradingError):
    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"Idempotency-Key={key}: was used before with another request")
