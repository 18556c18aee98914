"""The exchange refuses much of what a strategy sends."""

from decimal import Decimal

from app.services.alerts.rule import Rule
from app.services.alerts.window import Reading, Readings, Window

SECONDS = 60
REFUSED_MIN = 5
"""Fewer are bad luck."""


def measure(window: Window) -> Readings:
    refused = window.total(SECONDS, lambda second: second.refused)
    if not refused:
        return {}
    answered = window.total(SECONDS, lambda second: second.answered)
    return {
        name: Reading(
            Decimal(count) / answered[name] if count >= REFUSED_MIN else Decimal(0),
            f"The exchange refused {count} of {answered[name]} orders of {name} in {SECONDS} s",
        )
        for name, count in refused.items()
    }


RULE = Rule(
    name="reject_rate",
    measure=measure,
    unit="fraction of the last minute's answers, from 5 refusals on",
    fires_at=Decimal("0.5"),
    ends_at=Decimal("0.2"),
    advice="`trading-executor orders` shows what the exchange said of each.",
    of_strategy=True,
)
