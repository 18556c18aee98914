"""What risk and the exchange say of a parent before it does anything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from app.domain.orders import OrderSide
from app.domain.parents import Bounds
from app.domain.refusals import Refusal
from app.exchanges.port import Exchange
from app.services.trading.execution_risk import ExecutionRiskControl
from app.services.trading.execution_strategies.views import AtWorst
from app.services.trading.schemas import OrderParams
from app.services.trading.venue.fees import ReadFees
from app.services.trading.venue.price_watch import FollowPrice


class SizeRefusals(Protocol):
    """ExecutionRiskControl.size_refusals."""

    def __call__(self, first: OrderParams, whole: Decimal, *, at_once: bool = False) -> Sequence[Refusal]: ...


@dataclass(frozen=True, slots=True)
class Outlook:
    """min_order_size: risk's least order, in base units; what is below it is dust. bounds: how far one order may go
    now, by risk. size_refusals: why a parent with this first child and this whole size is too large, whatever the
    moment. at_worst: what its position comes to if all fills. fee_rates: reads those in force. follow_price: has the
    exchange tell it from now on."""

    min_order_size: Decimal
    bounds: Callable[[str, OrderSide], Bounds | None]
    size_refusals: SizeRefusals
    at_worst: Callable[[OrderParams, Decimal], AtWorst | None]
    fee_rates: ReadFees
    follow_price: FollowPrice

    @classmethod
    def of(cls, risk: ExecutionRiskControl, exchange: Exchange, follow_price: FollowPrice) -> "Outlook":
        limits = risk.limits
        asks = risk.order_bounds, risk.size_refusals, risk.at_worst
        return cls(limits.min_order_size, *asks, exchange.fee_rates, follow_price)


__all__ = ["Outlook", "SizeRefusals"]
