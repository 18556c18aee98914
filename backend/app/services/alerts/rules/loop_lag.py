"""The event loop runs late again and again: the machine or this process has too much to do."""

from decimal import Decimal
from statistics import median

from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, Reading, Readings, Window

SECONDS = 20
SECONDS_MIN = 15


def measure(window: Window) -> Readings:
    lags = [second.loop_lag for second in window.since(SECONDS)]
    if len(lags) < SECONDS_MIN:
        return {}
    lag = median(lags)
    return {ACCOUNT: Reading(lag, f"The event loop has been {lag:.2f} s late for {SECONDS} s")}


RULE = Rule(
    name="loop_lag",
    measure=measure,
    unit="seconds, the median of the last 20 s",
    fires_at=Decimal("0.25"),
    ends_at=Decimal("0.1"),
    advice="Look at the machine's load, and at what else runs on it.",
)
