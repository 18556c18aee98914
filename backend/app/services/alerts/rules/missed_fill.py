"""The stream did not tell of a fill: an audit or a look at its order found it."""

from decimal import Decimal

from app.services.alerts.counting import MISSED
from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, Reading, Readings, Window

SECONDS = 300


def measure(window: Window) -> Readings:
    count = window.happened(SECONDS, MISSED)
    return (
        {ACCOUNT: Reading(Decimal(count), f"{count} fill(s) in {SECONDS} s that the stream did not tell of")}
        if count
        else {}
    )


RULE = Rule(
    name="missed_fill",
    measure=measure,
    unit="fills in 300 s",
    fires_at=Decimal(1),
    ends_at=Decimal(1),
    ends_after_seconds=60,
    advice="They are booked. If it goes on, connect anew: `systemctl restart trading-executor`.",
)
