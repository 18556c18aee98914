"""A child of a parent order as its policy sees it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from app.domain.conditions import Condition
from app.domain.money import ZERO
from app.domain.orders import Fill, FillKey, Order, OrderStatus, OrderType
from app.domain.refusals import RefusalClass

_CANCELABLE = frozenset({OrderStatus.LIVE, OrderStatus.PARTIALLY_FILLED, OrderStatus.UNKNOWN})
_NEVER_WORKED = frozenset({OrderStatus.DENIED, OrderStatus.REJECTED, OrderStatus.NEVER_ACCEPTED, OrderStatus.NOT_SENT})


MET_OWN = "self-trade prevention: it would have traded with another order of this account"

NO_FILLS: Mapping[FillKey, Fill] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ChildView:
    """What a policy may know of one child order.

    reason: why it was placed. max_possible: the most that it may still end up having filled. settled: over, and all its
    fills are in hand. cancels, cancel_ns: how often and when last its cancel was asked for. refusal: of which class its
    refusal is, if it was refused or never was. condition: what it waits for at the exchange, or
    waited for. waits, fired, cancel_source: see Order. amends, amend_ns: as cancels, of changes. amends_refused: the
    last ones in a row that this process saw refused.
    """

    step: int
    order_id: str
    order_type: OrderType
    status: OrderStatus
    settled: bool
    size: Decimal
    filled: Decimal
    max_possible: Decimal
    price: Decimal | None
    placed_ns: int
    ended_ns: int | None = None
    reason: str = ""
    cancels: int = 0
    cancel_ns: int | None = None
    error_code: str = ""
    error_message: str = ""
    refusal: RefusalClass | None = None
    cancel_requested: bool = False
    fills: Mapping[FillKey, Fill] = field(default_factory=lambda: NO_FILLS)
    condition: Condition | None = None
    waits: bool = False
    fired: bool = False
    amends: int = 0
    amend_ns: int | None = None
    met_own: bool = False
    amends_refused: int = 0

    @property
    def why_ended(self) -> str:
        """What others ended it for, refused it for, or took it back for; "" for its own end and its parent's cancel."""
        if self.met_own:
            return MET_OWN
        if self.taken_back and self.status is OrderStatus.CANCELED:
            return "canceled by somebody else"
        return " ".join(part for part in (self.error_code, self.error_message) if part)

    @property
    def declined(self) -> bool:
        """It was to stand at the exchange, and will not however often it is asked for."""
        refused = self.status in (OrderStatus.DENIED, OrderStatus.REJECTED, OrderStatus.NOT_SENT)
        return self.condition is not None and refused and self.refusal is not RefusalClass.PASSING

    @property
    def worked(self) -> bool:
        """It is more than something that waits, or waited in vain, at the exchange."""
        return self.condition is None or self.fired

    def filled_since(self, since_ns: int) -> Decimal:
        """What of it filled then or later (UTC nanoseconds, the exchange's time)."""
        return sum((fill.size for fill in self.fills.values() if fill.time_ns >= since_ns), ZERO)

    @property
    def open(self) -> bool:
        """It may still fill, or fills of it are still to come: nothing may take its place."""
        return not self.settled

    @property
    def cancelable(self) -> bool:
        """It can rest at the venue and a cancel would make sense. One that is on its way is answered first."""
        return (self.order_type.rests or self.waits) and self.status in _CANCELABLE

    @property
    def failed(self) -> bool:
        """Nothing came of it: refused, never accepted, or ended by others before any fill."""
        if self.status in _NEVER_WORKED:
            return True
        if self.met_own:
            return self.settled and self.filled == 0 and self.cancels == 0
        rested = self.order_type.rests and self.worked
        taken_away = self.status is OrderStatus.CANCELED and self.cancels == 0 and rested
        return taken_away and self.settled and self.filled == 0

    @property
    def taken_back(self) -> bool:
        """Somebody other than the parent asked for its cancel: a person, cancel-all, the kill switch."""
        return self.cancel_requested and self.cancels == 0


def child_view(
    order: Order,
    *,
    step: int,
    reason: str = "",
    cancels: int = 0,
    cancel_ns: int | None = None,
    refusal: RefusalClass | None = None,
    amends: int = 0,
    amend_ns: int | None = None,
    amends_refused: int = 0,
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
        condition=order.condition,
        waits=order.waits,
        fired=order.fired,
        amends=amends,
        amend_ns=amend_ns,
        met_own=order.met_own,
        amends_refused=amends_refused,
    )
