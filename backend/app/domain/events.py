"""Events of the journal: what happened, why, on whose word, and the hash chain that shows tampering.

One gapless sequence per account. A state change carries its whole input as payload, so that folding the journal gives
the state again (INVARIANTS P3, P4).
"""

import hashlib
from enum import StrEnum
from typing import NamedTuple

GENESIS = "0" * 64
"""What the first event of an account is chained to."""

_SEPARATOR = "\x1f"


class EventKind(StrEnum):
    ACCOUNT_RECORDED = "account.recorded"
    SESSION_STARTED = "session.started"
    SIGNAL_RECEIVED = "signal.received"
    REQUEST_REFUSED = "request.refused"
    REQUEST_KEPT = "request.kept"
    ORDER_INTENT = "order.intent"
    ORDER_DENIED = "order.denied"
    ORDER_ACCEPTED = "order.accepted"
    ORDER_REJECTED = "order.rejected"
    ORDER_NOT_SENT = "order.not_sent"
    ORDER_UNKNOWN = "order.unknown"
    ORDER_REPORT = "order.report"
    ORDER_ADOPTED = "order.adopted"
    ORDER_NEVER_ACCEPTED = "order.never_accepted"
    ORDER_FILLED_BEFORE = "order.filled_before"
    CANCEL_REQUESTED = "order.cancel_requested"
    CANCEL_ANSWERED = "order.cancel_answered"
    AMEND_INTENT = "order.amend_intent"
    AMEND_ANSWERED = "order.amend_answered"
    ACCOUNT_OPENED = "account.opened"
    CASH_MOVED = "cash.moved"
    HOLDINGS_BEGUN = "holdings.begun"
    HOLDINGS_READ = "holdings.read"
    POSITION_OPENING = "position.opening"
    POSITION_MODE = "position.mode"
    POSITION_SHARED = "position.shared"
    LEVERAGE_SET = "leverage.set"
    DAY_OPENED = "equity.day_opened"
    KILL_SWITCH_ON = "kill_switch.on"
    KILL_SWITCH_OFF = "kill_switch.off"
    PARENT_CHANGED = "parent.changed"
    PARENT_CONTROLLED = "parent.controlled"
    PARENT_STEP = "parent.step"
    WATERMARK = "account.watermark"
    DIFFERENCE = "account.difference"
    DIFFERENCE_ENDED = "account.difference_ended"
    QUARANTINED = "message.quarantined"
    ANOMALY = "anomaly"
    OPERATOR_EVIDENCE = "operator.evidence"
    KEY_CREATED = "key.created"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    KEY_DISABLED = "key.disabled"
    KEY_ENABLED = "key.enabled"
    KEY_LIMITED = "key.limited"
    APPROVAL_ASKED = "approval.asked"
    APPROVAL_CONFIRMED = "approval.confirmed"
    APPROVAL_REFUSED = "approval.refused"
    APPROVAL_EXPIRED = "approval.expired"
    APPROVAL_REOPENED = "approval.reopened"
    NOTICES_FAILED = "notices.failed"
    NOTICES_RESUMED = "notices.resumed"
    TRACES_FAILED = "traces.failed"
    TRACES_RESUMED = "traces.resumed"
    STRATEGY_STARTED = "strategy.started"
    STRATEGY_STOPPED = "strategy.stopped"
    STRATEGY_FAILED = "strategy.failed"
    ALERT_FIRED = "alert.fired"
    ALERT_ACTED = "alert.acted"
    ALERT_ACKNOWLEDGED = "alert.acknowledged"
    ALERT_RESOLVED = "alert.resolved"


class Event(NamedTuple):
    """One journal entry as it is stored.

    payload: canonical JSON text. cause_seq: the event that led to this one. principal: on whose word ("api:<key>",
    "venue", "strategy:<id>", "system", "operator:<name>").
    """

    account: str
    seq: int
    at_ns: int
    kind: str
    principal: str
    payload: str
    order_id: str | None = None
    trade_id: str | None = None
    position: str | None = None
    parent_id: str | None = None
    cause_seq: int | None = None


def chain_hash(previous: str, event: Event) -> str:
    """SHA-256 (hex) over the previous hash and the event's canonical content.

    Fields are joined by the unit separator, which none of them can hold: ids and principals are printable text and
    JSON escapes control characters.
    """
    content = _SEPARATOR.join(
        (
            previous,
            event.account,
            str(event.seq),
            str(event.at_ns),
            event.kind,
            event.principal,
            event.order_id or "",
            event.trade_id or "",
            event.position or "",
            event.parent_id or "",
            "" if event.cause_seq is None else str(event.cause_seq),
            event.payload,
        )
    )
    return hashlib.sha256(content.encode()).hexdigest()
