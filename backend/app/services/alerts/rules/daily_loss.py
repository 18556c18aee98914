"""The day's loss comes near its limit, at which no more risk is taken."""

from decimal import Decimal

from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, Reading, Readings, Window


def measure(window: Window) -> Readings:
    loss = window.last.daily_loss
    return {ACCOUNT: Reading(loss, "" if loss is None else f"The day's loss is at {loss:.0%} of its limit")}


RULE = Rule(
    name="daily_loss",
    measure=measure,
    unit="fraction of the limit",
    fires_at=Decimal("0.8"),
    ends_at=Decimal("0.6"),
    ends_after_seconds=60,
    advice="`trading-executor risk` shows the limits and what is used of each.",
)
