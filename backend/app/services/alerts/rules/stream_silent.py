"""A stream is up and says nothing, though it used to give signs of life."""

from decimal import Decimal

from app.domain.alerts import AlertSeverity
from app.services.alerts.rule import Rule
from app.services.alerts.window import Reading, Readings, Window


def measure(window: Window) -> Readings:
    return {
        name: Reading(seconds, f"Nothing has been heard on the {name} stream for {seconds:.0f} s, though it is up")
        for name, seconds in window.last.silent.items()
    }


RULE = Rule(
    name="stream_silent",
    measure=measure,
    unit="seconds",
    fires_at=Decimal(15),
    ends_at=Decimal(10),
    ends_after_seconds=10,
    severity=AlertSeverity.CRITICAL,
    advice="Look at the network; a restart connects anew.",
)
