"""Of which class a refused order's refusal is: the exchange's, as its adapter said, and our own, by who spoke.

The exchange's codes are read in its adapter and nowhere else; here is the one table of our own refusals.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from app.domain.order_words import NEVER_THERE
from app.domain.orders import Order, OrderStatus
from app.domain.refusals import Refusal, RefusalClass

KILL_SWITCH, STALE = "kill_switch", "stale_request"
_MOMENT = frozenset({"readiness", "expired"})
"""Who speaks of an outage, a start, the lease, the clock or the disk."""
_PASSING, _STANDING, _WRONG = RefusalClass.PASSING, RefusalClass.STANDING, RefusalClass.WRONG

CLASS_OF_CHECK: Mapping[str, RefusalClass] = MappingProxyType(
    {
        # Streams, lease, clock, disk, a comparison under way; an intent that grew too old on its way to the wire.
        **dict.fromkeys(("readiness", "expired", "closed", "max_open_orders", "max_price_deviation"), _PASSING),
        **dict.fromkeys(("lot_size", "tick_size", "minimum_size", "maximum_size", "trade_mode", "input"), _WRONG),
    }
)
"""What is not here stands: the kill switch, limits, money, an instrument that is not allowed or not open."""
PASSING_FIELDS = frozenset({"book", "day_start_equity"})
"""What was not known for the moment, whichever check missed it."""


def of_reasons(reasons: Sequence[Refusal]) -> RefusalClass:
    """The class of a denial. One passing reason is enough, for it may be what made the others; but the kill switch
    is lifted by a person."""
    if any(reason.check == KILL_SWITCH for reason in reasons):
        return _STANDING
    classes = {_class_of(reason) for reason in reasons}
    return next((found for found in (_PASSING, _WRONG) if found in classes), _STANDING)


def of_order(order: Order) -> RefusalClass | None:
    """None when it was not refused. Proof of absence passes: the order never was. A refusal that nobody classed (rows
    of earlier versions) stands, so that a person looks."""
    match order.status:
        case OrderStatus.DENIED:
            return of_reasons(order.reasons)
        case OrderStatus.REJECTED | OrderStatus.NOT_SENT:
            return order.refusal or _STANDING
        case OrderStatus.NEVER_ACCEPTED:
            return _PASSING
        case _:
            return None


def of_the_moment(status: OrderStatus, reasons: Sequence[Refusal], refusal: RefusalClass | None) -> bool:
    """Whether a refused order is nobody's final answer: only an outage (also of the market's news), a start, the lease
    or a rate kept it from going out, so the same request may be made again. What risk refuses on what it knows, and
    what the kill switch refuses, is final."""
    match status:
        case OrderStatus.REJECTED | OrderStatus.NOT_SENT if not reasons:
            return refusal is _PASSING
        case OrderStatus.DENIED | OrderStatus.NOT_SENT:
            return denied_for_now(reasons)
        case _:
            return False


def never_went(order: Order) -> bool:
    """Whether it was refused before it was in the market, by whomever, and nobody took it back: who let it happen may
    do so again. Not one that the exchange has shown since."""
    return order.ending in NEVER_THERE and not order.contradicted and not order.cancel_requested


def denied_for_now(reasons: Sequence[Refusal]) -> bool:
    """Whether all reasons pass, and one of them is about the moment."""
    of_now = any(reason.check in _MOMENT or reason.field in PASSING_FIELDS for reason in reasons)
    return of_now and all(_class_of(reason) is _PASSING for reason in reasons)


def _class_of(reason: Refusal) -> RefusalClass:
    return _PASSING if reason.field in PASSING_FIELDS else CLASS_OF_CHECK.get(reason.check, _STANDING)
