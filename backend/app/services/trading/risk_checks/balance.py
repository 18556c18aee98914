"""The account must be able to pay, with every open, in-flight and unknown order filled first.

Spot buys need the quote currency, with the taker fee where the venue takes it in quote; spot sells the base currency;
swaps the margin and the fee. Off when require_positive_balance is false: then only the venue decides.
"""

from decimal import Decimal

from app.domain.money import ONE, plain
from app.domain.orders import OrderSide
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits
from app.services.trading.risk_checks.margin import margin_used

NAME = "balance"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    if not limits.require_positive_balance or not exposure.adds:
        return None
    if not exposure.spot:
        return None if exposure.reduces else _swap(order, exposure)
    return _spot(order, exposure)


def _spot(order: Candidate, exposure: ExposureView) -> Refusal | None:
    if order.side is OrderSide.SELL:
        currency, needed = order.instrument.base, exposure.remaining
    else:
        price = exposure.worst_price
        if price is None:
            return None  # a market order without a usable book: max_price_deviation refuses it
        currency, fee = order.instrument.quote, exposure.buy_fee_rate
        needed = exposure.amount(price) * (ONE + fee) + exposure.hold(currency) * fee
    margin = margin_used(exposure, currency)
    if margin is None:
        return _no_price(currency)
    return _short(needed, exposure.available(currency) - margin, currency, order)


def _swap(order: Candidate, exposure: ExposureView) -> Refusal | None:
    price = exposure.worst_price
    if price is None:
        return None  # as above
    instrument = order.instrument
    settle = instrument.settle
    margin = margin_used(exposure, settle)
    if margin is None:
        return _no_price(settle)
    notional = instrument.notional(exposure.remaining, price)
    fee = (notional / price if instrument.inverse else notional) * exposure.fee_rate
    return _short(margin + fee, exposure.available(settle), settle, order)


def _short(needed: Decimal, available: Decimal, currency: str, order: Candidate) -> Refusal | None:
    if needed <= available:
        return None
    rule = f"needs {plain(needed)} {currency} of which {plain(available)} is free, open orders counted as filled"
    return Refusal(NAME, "size", plain(order.size), rule)


def _no_price(currency: str) -> Refusal:
    return Refusal(NAME, "balance", currency, "cannot be told: a swap position in it has no price")
