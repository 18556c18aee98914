"""The exchange leaves order after order without an answer."""

from decimal import Decimal

from app.services.alerts.counting import UNKNOWN
from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, Reading, Readings, Window

SECONDS = 60


def measure(window: Window) -> Readings:
    count = window.happened(SECONDS, UNKNOWN)
    return {ACCOUNT: Reading(Decimal(count), f"{count} order(s) got no answer in {SECONDS} s")} if count else {}


RULE = Rule(
    name="unknown_rate",
    measure=measure,
    unit="orders in 60 s",
    fires_at=Decimal(3),
    ends_at=Decimal(1),
    ends_after_seconds=60,
    advice="Look at the network and at the exchange; what became of each is found out, and none is sent again.",
)
