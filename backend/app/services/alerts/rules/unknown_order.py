"""An order whose outcome is unknown is not found out about in the time that it takes."""

from decimal import Decimal

from app.domain.alerts import AlertSeverity
from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, Reading, Readings, Window


def measure(window: Window) -> Readings:
    last = window.last
    if not last.unknown:
        return {}
    what = f"{last.unknown} order(s) without an answer, the oldest for {last.unknown_patiences:.1f} times its patience"
    return {ACCOUNT: Reading(last.unknown_patiences, what)}


RULE = Rule(
    name="unknown_order",
    measure=measure,
    unit="times the patience with an order (expiry, margin and lag)",
    fires_at=Decimal(2),
    ends_at=Decimal(1),
    fires_after_seconds=5,
    ends_after_seconds=0,
    severity=AlertSeverity.CRITICAL,
    advice="It may be in the market: look at the exchange, then `trading-executor resolve`. Do not send it again.",
)
