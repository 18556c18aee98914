"""A rule: what it measures, and from where to where that is out of bounds."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from app.domain.alerts import AlertAction, AlertSeverity
from app.services.alerts.window import Readings, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """measure: a pure function of the last minutes; a subject that it does not name is in order. fires_at: from this
    value on, where it was so for fires_after_seconds; ends_at: it is over once the value is better than that for
    ends_after_seconds. low: small values are the bad ones. unit: of the value, in words. of_strategy: its subjects are
    strategies (strategy:ID), so that it can pause one."""

    name: str
    measure: Callable[[Window], Readings]
    unit: str
    fires_at: Decimal
    ends_at: Decimal
    fires_after_seconds: int = 0
    ends_after_seconds: int = 30
    severity: AlertSeverity = AlertSeverity.WARNING
    action: AlertAction = AlertAction.NOTIFY
    advice: str = ""
    low: bool = False
    of_strategy: bool = False

    def out(self, value: Decimal) -> bool:
        """Whether it may fire."""
        return value <= self.fires_at if self.low else value >= self.fires_at

    def better(self, value: Decimal) -> bool:
        """Whether it may end."""
        return value > self.ends_at if self.low else value < self.ends_at
