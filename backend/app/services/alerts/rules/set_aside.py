"""Messages of the exchange could not be read."""

from decimal import Decimal

from app.domain.alerts import AlertAction
from app.services.alerts.counting import SET_ASIDE
from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, Reading, Readings, Window

SECONDS = 60


def measure(window: Window) -> Readings:
    count = window.happened(SECONDS, SET_ASIDE)
    return (
        {ACCOUNT: Reading(Decimal(count), f"{count} message(s) of the exchange could not be read in {SECONDS} s")}
        if count
        else {}
    )


RULE = Rule(
    name="set_aside",
    measure=measure,
    unit="messages in 60 s",
    fires_at=Decimal(1),
    ends_at=Decimal(1),
    ends_after_seconds=60,
    action=AlertAction.NONE,  # its own event is told already
    advice="`trading-executor status` shows them; what they are about takes no new risk until it is read.",
)
