"""The book of an instrument with open orders cannot be used, though the market stream speaks."""

from decimal import Decimal

from app.services.alerts.rule import Rule
from app.services.alerts.window import Reading, Readings, Window


def measure(window: Window) -> Readings:
    stale = window.last.stale.items()
    return {name: Reading(Decimal(1), f"The book of {name} cannot be used: {why}") for name, why in stale}


RULE = Rule(
    name="book_stale",
    measure=measure,
    unit="1 while it is so",
    fires_at=Decimal(1),
    ends_at=Decimal(1),
    fires_after_seconds=10,
    ends_after_seconds=10,
    advice="Its open orders are worked blind: look whether the exchange still trades it.",
)
