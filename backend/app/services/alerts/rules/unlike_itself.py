"""A strategy asks for more or fewer orders, for larger or smaller ones, or has more or fewer filled than it used to.

What is no chance is told by detectors (habits.py); how much it is, here.
"""

from decimal import Decimal

from app.services.alerts.rule import Rule
from app.services.alerts.window import Reading, Readings, Window


def measure(window: Window) -> Readings:
    return {subject: Reading(each.times, each.what) for subject, each in window.last.unlike.items()}


RULE = Rule(
    name="unlike_itself",
    measure=measure,
    unit="times more or less than before",
    fires_at=Decimal(2),
    ends_at=Decimal("1.5"),
    ends_after_seconds=60,
    advice="Look whether somebody changed it, or its market did: `trading-executor orders` shows what it does.",
    of_strategy=True,
)
