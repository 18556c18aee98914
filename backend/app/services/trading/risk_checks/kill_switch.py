"""The kill switch stops every new order and every amendment but a person's exit and what protects what is held; cancels
do not come this way."""

from app.domain.kill_switch import KillSwitch
from app.domain.refusals import Refusal
from app.services.trading.risk_checks.base import ExposureView
from app.services.trading.risk_checks.candidate import Candidate
from app.services.trading.risk_checks.limits import RiskLimits

NAME = "kill_switch"


def check(order: Candidate, exposure: ExposureView, limits: RiskLimits) -> Refusal | None:
    switch = exposure.kill_switch
    if not switch.engaged or exposure.is_exit or exposure.is_protection:
        return None
    return Refusal(NAME, "kill_switch", "on", rule(switch))


def rule(switch: KillSwitch) -> str:
    """What an engaged switch says: why, and on whose word."""
    return f"is on: {switch.reason or 'no reason given'} (set by {switch.principal or 'unknown'})"
