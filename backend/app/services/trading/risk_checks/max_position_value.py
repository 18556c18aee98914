"""The position, if this order and all others of its side fill, as a fraction of equity, valued at the mid.

What is limited is the asset, held through whichever pairs and contracts, and beside that each contract position for
itself, so that two that offset each other do not hide how large they are.
"""

from decimal import Decimal

from app.domain.money import ZERO, plain, rounded
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "max_position_value"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    if not adds(exposure):
        return None
    position = reached(order, exposure)
    value, equity = exposure.value(position), exposure.equity
    if value is None:
        if exposure.mid is None:
            return Refusal(NAME, "book", order.instrument.instrument_id, "cannot be valued: it has no usable price")
        return Refusal(NAME, "instrument_id", order.instrument.instrument_id, exposure.no_value())
    largest = limits.max_position_value_pct * equity
    if value <= largest:
        return None
    unvalued = exposure.valuation.unvalued
    rule = (
        f"could bring the position to {plain(position)}, worth {_shown(value)} {exposure.currency}, above "
        f"max_position_value_pct {plain(limits.max_position_value_pct * 100)} % of equity {_shown(equity)}"
        f"{', in which ' + ', '.join(unvalued) + ' is left out for want of a price' if unvalued else ''}"
    )
    return Refusal(NAME, "size", plain(order.size), rule)


def adds(exposure: ExposureView) -> bool:
    """Whether the order can make larger what is limited."""
    return not (exposure.reduces or (exposure.spot and exposure.is_cash))


def reached(order: Candidate, exposure: ExposureView) -> Decimal:
    """What it could bring the position to, in the instrument's unit."""
    held = max(exposure.ledger.holding(order.instrument.base), ZERO)
    own = held + exposure.coming if exposure.spot else abs(exposure.reach)
    asset = exposure.asset_reach
    if asset is None:
        return own
    mid = exposure.mid
    if order.instrument.inverse:
        return max(own, asset * mid / order.instrument.contract_value) if mid is not None else own
    return max(own, asset / order.instrument.contract_value)


def _shown(amount: Decimal) -> str:
    return plain(rounded(amount, 8))
