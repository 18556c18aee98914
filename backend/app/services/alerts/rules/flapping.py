"""The execution stream goes down again and again."""

from decimal import Decimal

from app.services.alerts.counting import BREAK
from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, Reading, Readings, Window

SECONDS = 300


def measure(window: Window) -> Readings:
    count = window.happened(SECONDS, BREAK)
    return (
        {ACCOUNT: Reading(Decimal(count), f"The execution stream went down or came back {count} times in {SECONDS} s")}
        if count
        else {}
    )


RULE = Rule(
    name="flapping",
    measure=measure,
    unit="breaks and returns in 300 s",
    fires_at=Decimal(4),
    ends_at=Decimal(2),
    ends_after_seconds=60,
    advice="Look at the network, and how long the exchange keeps connections.",
)
