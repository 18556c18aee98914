"""A book's mid is far from the price that the exchange itself says."""

from decimal import Decimal

from app.services.alerts.rule import Rule
from app.services.alerts.window import Reading, Readings, Window


def measure(window: Window) -> Readings:
    return {
        name: Reading(gap, f"The mid of {name} is {gap:.2%} off the exchange's mark price")
        for name, gap in window.last.price_gaps.items()
    }


RULE = Rule(
    name="price_gap",
    measure=measure,
    unit="fraction of the mark price",
    fires_at=Decimal("0.02"),
    ends_at=Decimal("0.01"),
    fires_after_seconds=5,
    advice="The market is thin or dislocated: look before anything trades through it.",
)
