"""A child of a parent order as its policy sees it. Pure."""

from app.domain.orders import Order
from app.domain.parents import ChildView
from app.domain.refusals import RefusalClass


def child_view(
    order: Order,
    *,
    step: int,
    reason: str = "",
    cancels: int = 0,
    cancel_ns: int | None = None,
    refusal: RefusalClass | None = None,
) -> ChildView:
    """The ChildView of an order; the rest comes from the parent's step rows and the classification of its refusal."""
    return ChildView(
        step=step,
        order_id=order.order_id,
        order_type=order.request.order_type,
        status=order.status,
        settled=order.settled,
        size=order.size,
        filled=order.filled_size,
        max_possible=order.max_possible,
        price=order.price,
        placed_ns=order.request.created_ns,
        ended_ns=order.completed_ns,
        reason=reason,
        cancels=cancels,
        cancel_ns=cancel_ns,
        error_code=order.error_code,
        error_message=order.error_message,
        refusal=refusal,
        cancel_requested=order.cancel_requested,
        fills=order.fills,
    )
