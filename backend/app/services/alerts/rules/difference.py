"""The books and the exchange differ, and nothing explains it."""

from decimal import Decimal

from app.domain.alerts import AlertAction, AlertSeverity
from app.services.alerts.rule import Rule
from app.services.alerts.window import Reading, Readings, Window


def measure(window: Window) -> Readings:
    return {name: Reading(Decimal(1), what) for name, what in window.last.differences.items()}


RULE = Rule(
    name="difference",
    measure=measure,
    unit="1 while it is so",
    fires_at=Decimal(1),
    ends_at=Decimal(1),
    ends_after_seconds=0,
    severity=AlertSeverity.CRITICAL,
    action=AlertAction.NONE,  # its own event is told already
    advice="`trading-executor reconcile` shows it; what cannot be explained is accepted there.",
)
