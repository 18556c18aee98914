"""The book of an instrument with open orders cannot be used, though the market stream speaks: for long, or over and
over."""

from collections import Counter
from decimal import Decimal

from app.services.alerts.rule import Rule
from app.services.alerts.window import Reading, Readings, Window

SECONDS = 20


def measure(window: Window) -> Readings:
    found, why = Counter[str](), dict[str, str]()
    for second in window.since(SECONDS):
        if second.stale:
            found.update(second.stale.keys())
            why = {**second.stale, **why}
    return {
        name: Reading(Decimal(count), f"The book of {name} cannot be used in {count} of {SECONDS} s: {why[name]}")
        for name, count in found.items()
    }


RULE = Rule(
    name="book_stale",
    measure=measure,
    unit="seconds of the last 20",
    fires_at=Decimal(10),
    ends_at=Decimal(5),
    ends_after_seconds=10,
    advice="Its open orders are worked blind: look whether the exchange still trades it.",
)
