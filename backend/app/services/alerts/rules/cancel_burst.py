"""A strategy asks for many more cancels than it used to."""

from decimal import Decimal

from app.services.alerts.bursts import above_usual
from app.services.alerts.rule import Rule
from app.services.alerts.window import Readings, Window


def measure(window: Window) -> Readings:
    return above_usual(window, lambda second: second.cancelled, "cancels")


RULE = Rule(
    name="cancel_burst",
    measure=measure,
    unit="times the usual number in 10 s, 10 at least",
    fires_at=Decimal(10),
    ends_at=Decimal(3),
    advice="Look what makes it do so: `trading-executor strategy stop NAME` or `kill` end it.",
    of_strategy=True,
)
