"""This machine's clock is off the exchange's."""

from decimal import Decimal

from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, Reading, Readings, Window


def measure(window: Window) -> Readings:
    offset = window.last.clock_offset
    return {ACCOUNT: Reading(abs(offset), f"This machine's clock is {abs(offset):.2f} s off the exchange's")}


RULE = Rule(
    name="clock_offset",
    measure=measure,
    unit="seconds",
    fires_at=Decimal(1),
    ends_at=Decimal("0.5"),
    fires_after_seconds=3,
    advice="Look at the machine's time service (chrony, systemd-timesyncd).",
)
