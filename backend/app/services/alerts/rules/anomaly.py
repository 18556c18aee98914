"""Something that should not happen, and was handled."""

from decimal import Decimal

from app.domain.alerts import AlertAction, AlertSeverity
from app.services.alerts.counting import ANOMALY
from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, Reading, Readings, Window

SECONDS = 60


def measure(window: Window) -> Readings:
    count = window.happened(SECONDS, ANOMALY)
    return {ACCOUNT: Reading(Decimal(count), f"{count} anomalies in {SECONDS} s")} if count else {}


RULE = Rule(
    name="anomaly",
    measure=measure,
    unit="anomalies in 60 s",
    fires_at=Decimal(1),
    ends_at=Decimal(1),
    ends_after_seconds=60,
    severity=AlertSeverity.CRITICAL,
    action=AlertAction.NONE,  # its own event is told already
    advice="`trading-executor events` shows each.",
)
