"""Alerts: what a rule found out of bounds, from its firing to its end, and who has taken it up meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class AlertState(StrEnum):
    """firing: nobody has taken it up. acknowledged: somebody has, and it goes on. resolved: it is over."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class AlertSeverity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlertAction(StrEnum):
    """What is done as it fires. none: it is kept and shown. notify: people are told, and with the others as well.
    pause: its strategy. kill_switch: engaged. failed: one of these two was to be done, and is not; no setting."""

    NONE = "none"
    NOTIFY = "notify"
    PAUSE = "pause"
    KILL_SWITCH = "kill_switch"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Alert:
    """One life of one rule and subject. subject: a stream, an instrument, strategy:ID; account for all of it. what:
    what was seen as it fired, in words; advice: what to do. note: of who acknowledged it."""

    alert_id: str
    rule: str
    subject: str
    severity: AlertSeverity
    action: AlertAction
    what: str
    advice: str
    fired_ns: int
    state: AlertState = AlertState.FIRING
    acknowledged_by: str | None = None
    acknowledged_ns: int | None = None
    note: str = ""
    resolved_ns: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Of which at most one is open."""
        return (self.rule, self.subject)

    def columns(self) -> dict[str, Any]:
        """As a row of alerts, but for the account."""
        return {
            "alert_id": self.alert_id,
            "rule": self.rule,
            "subject": self.subject,
            "severity": self.severity.value,
            "action": self.action.value,
            "what": self.what,
            "advice": self.advice,
            "fired_ns": self.fired_ns,
            "state": self.state.value,
            "acknowledged_by": self.acknowledged_by,
            "acknowledged_ns": self.acknowledged_ns,
            "note": self.note,
            "resolved_ns": self.resolved_ns,
        }

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Alert":
        """From a row of alerts."""
        return cls(
            alert_id=row["alert_id"],
            rule=row["rule"],
            subject=row["subject"],
            severity=AlertSeverity(row["severity"]),
            action=AlertAction(row["action"]),
            what=row["what"],
            advice=row["advice"],
            fired_ns=row["fired_ns"],
            state=AlertState(row["state"]),
            acknowledged_by=row["acknowledged_by"],
            acknowledged_ns=row["acknowledged_ns"],
            note=row["note"],
            resolved_ns=row["resolved_ns"],
        )
