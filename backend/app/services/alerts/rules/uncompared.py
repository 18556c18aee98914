"""The books have not been compared with the exchange for longer than they should."""

from decimal import Decimal

from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, Reading, Readings, Window


def measure(window: Window) -> Readings:
    periods = window.last.uncompared
    return {ACCOUNT: Reading(periods, f"The books were last compared with the exchange {periods:.1f} periods ago")}


RULE = Rule(
    name="uncompared",
    measure=measure,
    unit="periods of the audit (`audit_period_seconds`)",
    fires_at=Decimal(3),
    ends_at=Decimal(2),
    ends_after_seconds=0,
    advice="Its requests fail or hang: look at the log, the network, and whether the exchange is in maintenance.",
)
