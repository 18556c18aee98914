"""The most that a single order may be worth, in quote currency, at the dearest price it may trade at."""

from app.domain.money import plain
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import Candidate, ExposureView
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "max_order_value"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    price = exposure.worst_price
    if price is None:
        return None  # a market order without a usable book: max_price_deviation refuses it
    instrument = order.instrument
    value = instrument.notional(order.size, price)
    if value <= limits.max_order_value:
        return None
    rule = (
        f"is worth {plain(value)} {instrument.quote} at {plain(price)}, "
        f"above max_order_value {plain(limits.max_order_value)}"
    )
    return Refusal(NAME, "size", plain(order.size), rule)
