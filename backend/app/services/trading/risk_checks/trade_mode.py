"""Spot is traded for cash and net; swaps on cross or isolated margin, net or by side as the account keeps them.

Borrowing for spot is not supported.
"""

from app.domain.orders import PositionSide, TradeMode
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "trade_mode"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    if not exposure.spot:
        if order.trade_mode is TradeMode.CASH:
            return Refusal(NAME, "trade_mode", order.trade_mode, "must be cross or isolated for a swap")
        hedged = exposure.ledger.hedged
        if (order.position_side is PositionSide.NET) is hedged:
            kept = "must be long or short" if hedged else "must be net"
            return Refusal(NAME, "position_side", order.position_side, f"{kept} in this account's position mode")
        return None
    if order.trade_mode is not TradeMode.CASH:
        return Refusal(NAME, "trade_mode", order.trade_mode, "must be cash for a spot instrument")
    if order.position_side is not PositionSide.NET:
        return Refusal(NAME, "position_side", order.position_side, "must be net for a spot instrument")
    if order.reduce_only:
        return Refusal(NAME, "reduce_only", "true", "is not known for a spot instrument traded for cash")
    return None
