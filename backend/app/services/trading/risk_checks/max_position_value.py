"""The position, if this order and all others of its side fill, as a fraction of equity, valued at the mid."""

from app.domain.money import ZERO, plain
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import Candidate, ExposureView
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "max_position_value"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    if exposure.reduces:
        return None
    position = abs(exposure.reach) if not exposure.spot else max(exposure.position, ZERO) + exposure.coming
    value, equity = exposure.value(position), exposure.equity
    if value is None:
        return Refusal(
            NAME, "instrument_id", order.instrument.instrument_id, "cannot be valued: it has no usable price"
        )
    if equity is None:
        rule = f"is not known: no price for {', '.join(exposure.valuation.unvalued)}"
        return Refusal(NAME, "equity", "unknown", rule)
    largest = limits.max_position_value_pct * equity
    if value <= largest:
        return None
    rule = (
        f"could bring the position to {plain(position)}, worth {plain(value)}, above "
        f"max_position_value_pct {plain(limits.max_position_value_pct * 100)} % of equity {plain(equity)}"
    )
    return Refusal(NAME, "size", plain(order.size), rule)
