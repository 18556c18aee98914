"""The right to write is renewed late: somebody contends for it, or the database is slow."""

from decimal import Decimal

from app.services.alerts.rule import Rule
from app.services.alerts.window import ACCOUNT, Reading, Readings, Window


def measure(window: Window) -> Readings:
    used = window.last.lease_used
    return {ACCOUNT: Reading(used, f"{used:.0%} of the time by which a renewal of the lease may be late are used up")}


RULE = Rule(
    name="lease",
    measure=measure,
    unit="fraction of the time by which a renewal may be late",
    fires_at=Decimal("0.5"),
    ends_at=Decimal("0.25"),
    ends_after_seconds=15,
    advice="Look whether a second process uses this database, and at the database's speed.",
)
