"""The most that a single order may be worth, in the valuation currency, at the dearest price it may trade at."""

from app.domain.money import plain, rounded
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "max_order_value"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    price = exposure.worst_price
    if price is None:
        return None  # a market order without a usable book: max_price_deviation refuses it
    value = exposure.value(order.size, price)
    if value is None:
        if exposure.reduces:
            return None
        return Refusal(NAME, "instrument_id", order.instrument.instrument_id, exposure.no_value())
    if value <= limits.max_order_value:
        return None
    rule = (
        f"is worth {plain(rounded(value, 8))} {exposure.currency} at {plain(price)}, "
        f"above max_order_value {plain(limits.max_order_value)}"
    )
    return Refusal(NAME, "size", plain(order.size), rule)
