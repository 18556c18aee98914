"""The disk of the data folder is nearly full."""

from decimal import Decimal

from app.domain.alerts import AlertSeverity
from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, Reading, Readings, Window


def measure(window: Window) -> Readings:
    free = window.last.disk_free
    return {ACCOUNT: Reading(free, "" if free is None else f"The disk of the data folder has {free:.0f} MiB left")}


RULE = Rule(
    name="disk",
    measure=measure,
    unit="MiB free",
    fires_at=Decimal(256),
    ends_at=Decimal(512),
    low=True,
    severity=AlertSeverity.CRITICAL,
    advice="Make room: when it is full no order is placed, for nothing is sent unrecorded.",
)
