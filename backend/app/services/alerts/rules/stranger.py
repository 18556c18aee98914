"""Orders that nobody here placed are in the account."""

from decimal import Decimal

from app.domain.alerts import AlertAction
from app.services.alerts.counting import STRANGER
from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, Reading, Readings, Window

SECONDS = 60


def measure(window: Window) -> Readings:
    count = window.happened(SECONDS, STRANGER)
    return (
        {ACCOUNT: Reading(Decimal(count), f"{count} order(s) in the account that nobody here placed, in {SECONDS} s")}
        if count
        else {}
    )


RULE = Rule(
    name="stranger",
    measure=measure,
    unit="orders in 60 s",
    fires_at=Decimal(1),
    ends_at=Decimal(1),
    ends_after_seconds=60,
    action=AlertAction.NONE,  # its own event is told already
    advice="Find out who else has this account's key.",
)
