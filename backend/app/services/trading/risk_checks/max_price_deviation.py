"""The price, or for a market order what it would meet in the book, must be near the mid of a usable book; of one that
waits at the exchange, near what it waits for."""

from decimal import ROUND_HALF_EVEN, Decimal

from app.domain.money import ONE, plain
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "max_price_deviation"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    if order.condition is not None and exposure.worst_price is not None:
        # Where it trades the market will be at what it waits for; how far it may go from there is said by its price.
        far = (_far(order.price, each, limits, "price") for each in order.condition.prices if order.price is not None)
        return next((refusal for refusal in far if refusal is not None), None)
    if exposure.book_refusal is not None:
        return Refusal(NAME, "book", order.instrument.instrument_id, exposure.book_refusal.rule)
    mid = exposure.mid
    assert mid is not None  # a usable book has one
    if order.price is not None:
        return _far(order.price, mid, limits, "price")
    if order.amending is not None:
        return None
    walk = exposure.walk()
    if walk is None or walk.worst is None or not walk.complete:
        shown = plain(walk.filled) if walk is not None else "none"
        return Refusal(NAME, "size", plain(order.size), f"is more than the visible book holds: {shown}")
    return _far(walk.worst, mid, limits, "worst_price")


def _far(price: Decimal, mid: Decimal, limits: RiskLimits, field: str) -> Refusal | None:
    away = abs(price - mid)
    if away <= mid * limits.max_price_deviation:
        return None
    percent = plain((away / mid * 100).quantize(ONE / 1000, ROUND_HALF_EVEN))
    allowed = plain(limits.max_price_deviation * 100)
    rule = f"is {percent} % from the mid {plain(mid)}, above max_price_deviation {allowed} %"
    return Refusal(NAME, field, plain(price), rule)
