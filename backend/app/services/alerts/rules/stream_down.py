"""A stream of the exchange is down, and stays so: the adapter connects again within seconds."""

from decimal import Decimal

from app.domain.alerts import AlertSeverity
from app.services.alerts.rule import Rule
from app.services.alerts.window import Reading, Readings, Window


def measure(window: Window) -> Readings:
    return {
        name: Reading(seconds, f"The {name} stream of the exchange has been down for {seconds:.0f} s")
        for name, seconds in window.last.down.items()
    }


RULE = Rule(
    name="stream_down",
    measure=measure,
    unit="seconds",
    fires_at=Decimal(10),
    ends_at=Decimal(1),
    ends_after_seconds=10,
    severity=AlertSeverity.CRITICAL,
    advice="Look at the network, and whether the exchange is in maintenance. Open orders stay in the market meanwhile.",
)
