"""A balance, a position or a count has differed from the exchange's for a while with nothing in flight."""

from decimal import Decimal

from app.services.alerts.rule import Rule
from app.services.alerts.window import Reading, Readings, Window


def measure(window: Window) -> Readings:
    return {
        name: Reading(seconds, f"{name} differs from the exchange's, seen over {seconds:.0f} s with nothing in flight")
        for name, seconds in window.last.drifting.items()
    }


RULE = Rule(
    name="drift",
    measure=measure,
    unit="seconds between comparisons that saw it",
    fires_at=Decimal(5),
    ends_at=Decimal(1),
    ends_after_seconds=0,
    advice="It is compared again; if it stays it becomes a difference, and closes what it concerns.",
)
