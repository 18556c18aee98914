"""The risk checks, one a file, in the order in which their reasons are listed.

A new check is a file here with a NAME and a `check` function, and its line below. A failing import stops the start.
"""

from app.services.trading.risk_checks import (
    allowed_instruments,
    balance,
    closed,
    instrument_state,
    key_limits,
    kill_switch,
    lot_size,
    max_daily_loss,
    max_daily_notional,
    max_open_orders,
    max_order_size,
    max_order_value,
    max_position_value,
    max_price_deviation,
    maximum_size,
    min_order_size,
    minimum_size,
    tick_size,
    trade_mode,
)
from app.services.trading.risk_checks.base import Check, ExposureView
from app.services.trading.risk_checks.candidate import Candidate, VenueTerms
from app.services.trading.risk_checks.limits import RiskLimits

PARAMETER_CHECKS: tuple[Check, ...] = (
    instrument_state,
    allowed_instruments,
    trade_mode,
    lot_size,
    minimum_size,
    maximum_size,
    tick_size,
    max_order_size,
    min_order_size,
)
"""What the order's own parameters and the instrument decide, without account and book."""

CHECKS: tuple[Check, ...] = (
    kill_switch,
    closed,
    *PARAMETER_CHECKS,
    max_price_deviation,
    max_order_value,
    balance,
    max_position_value,
    max_daily_loss,
    max_open_orders,
    max_daily_notional,
    key_limits,
)
"""Every check; an order passes when none of them refuses."""

__all__ = ["CHECKS", "PARAMETER_CHECKS", "Candidate", "Check", "ExposureView", "RiskLimits", "VenueTerms"]
